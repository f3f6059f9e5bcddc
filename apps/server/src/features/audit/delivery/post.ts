import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { type BlockList, isIP } from 'node:net';
import { networksOf } from '../networks.ts';
import type { Outgoing } from './formats.ts';

export interface PostOptions {
  /** Networks that may be reached although they are not public, also without TLS. */
  networks: readonly string[];
  resolve?: (name: string) => Promise<LookupAddress[]>;
  timeoutMs?: number;
}

/** Not a reason to try again: the address itself is refused. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

const mostAnswer = 16_384;
const reserved = networksOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
]);
/** Only global unicast is public, without what leads to IPv4 or is for documents. */
const global6 = networksOf(['2000::/3']);
const notGlobal6 = networksOf(['2001::/23', '2001:db8::/32', '2002::/16']);

/** One POST to an address that was resolved once and looked at; no redirect is followed. */
export async function post(
  { url, headers, body }: Outgoing,
  { networks, resolve = resolveAll, timeoutMs = 10_000 }: PostOptions,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  const target = new URL(url);
  const { address, listed } = await pin(target.hostname, { networks, resolve });
  if (target.protocol !== 'https:' && !listed) throw new AddressRefused('only https is used beyond OM_ALERT_NETWORKS');
  const send = target.protocol === 'https:' ? tlsRequest : plainRequest;
  const family = isIP(address) === 6 ? 6 : 4;
  const { promise, resolve: done, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = send(target, {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    lookup: (_name, options, answer) =>
      options.all ? answer(null, [{ address, family }]) : answer(null, address, family),
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = () => done({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') });
    response.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= mostAnswer) parts.push(part);
      else {
        finish();
        request.destroy();
      }
    });
    response.on('end', finish);
    response.on('error', reject);
  });
  request.end(body);
  return promise;
}

/** The address that a name has now, if it may be reached; `listed`: OM_ALERT_NETWORKS names it. Throws AddressRefused. */
export async function pin(
  name: string,
  { networks, resolve = resolveAll }: Pick<PostOptions, 'networks' | 'resolve'>,
): Promise<{ hostname: string; address: string; listed: boolean }> {
  const literal = name.replace(/^\[|\]$/g, '');
  const found = isIP(literal) === 0 ? (await resolve(literal)).map(({ address }) => address) : [literal];
  const allowed = networksOf(networks);
  const [first] = found;
  if (first === undefined) throw new Error('the name has no address');
  // One bad address is enough: which of them is taken is nobody's choice but the sender's.
  for (const address of found)
    if (!isPublic(address) && !contains(allowed, address))
      throw new AddressRefused('this address is not public; list its network in OM_ALERT_NETWORKS to allow it');
  return { hostname: literal, address: first, listed: found.every((address) => contains(allowed, address)) };
}

/** Whether it is an address of the internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !reserved.check(address, 'ipv4');
  return isIP(address) === 6 && global6.check(address, 'ipv6') && !notGlobal6.check(address, 'ipv6');
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function resolveAll(name: string): Promise<LookupAddress[]> {
  return lookup(name, { all: true });
}
