import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export interface GuardConfig {
  /** Names (with or without port) under which the server may be addressed; loopback names are always allowed. */
  allowedHosts: readonly string[];
  /** Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  trustedProxies: readonly string[];
  tls: boolean;
}

export interface Guards {
  addressOf(request: IncomingMessage): string;
  /** True when the bytes are protected on the way here: TLS, a TLS proxy we trust, or loopback. */
  protectedTransport(request: IncomingMessage): boolean;
  /** True when it was asked on this machine. */
  fromHere(request: IncomingMessage): boolean;
  /** The status that refuses a foreign Host or Origin, or null. */
  refuse(request: IncomingMessage): 403 | 421 | null;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

export function createGuards({ allowedHosts, trustedProxies, tls }: GuardConfig): Guards {
  const proxies = new BlockList();
  for (const proxy of trustedProxies) proxies.addAddress(proxy, isIP(proxy) === 6 ? 'ipv6' : 'ipv4');
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));

  const peerOf = (request: IncomingMessage) => (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const within = (list: BlockList, address: string) =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  const viaProxy = (request: IncomingMessage) => within(proxies, peerOf(request));
  const isKnownHost = (host: string) => {
    const name = host.toLowerCase().replace(/:\d+$/, '');
    return loopbackNames.has(name) || within(loopback, name) || allowed.has(name) || allowed.has(host.toLowerCase());
  };

  function addressOf(request: IncomingMessage): string {
    if (!viaProxy(request)) return peerOf(request);
    const forwarded = String(request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .at(-1)
      ?.trim();
    return forwarded && isIP(forwarded) ? forwarded : peerOf(request);
  }
  // A proxy that was not named may have taken it from anywhere.
  const fromHere = (request: IncomingMessage) =>
    within(loopback, addressOf(request)) && (viaProxy(request) || request.headers['x-forwarded-for'] === undefined);

  return {
    addressOf,
    fromHere,
    protectedTransport(request) {
      if (tls) return true;
      if (viaProxy(request)) return request.headers['x-forwarded-proto'] === 'https';
      return fromHere(request);
    },
    refuse(request) {
      const { host, origin } = request.headers;
      if (!host || !isKnownHost(host)) return 421;
      if (origin === undefined) return null;
      return URL.canParse(origin) && isKnownHost(new URL(origin).host) ? null : 403;
    },
  };
}
