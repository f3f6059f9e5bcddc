import { OmError } from '@omanager/contract';
import type { HostTrust, SshCredential, SshHop, SshTarget } from '@omanager/ssh-fleet';
import type { Endpoint, FrozenHost, InventoryPort, Trust } from '../../features/runs/ports.ts';
import type { OpenedCredential } from './types.ts';

/** Which endpoint a trust was made for: the fleet passes it back when it meets a key for the first time. */
export type Places = WeakMap<HostTrust, Endpoint>;

interface Context {
  credentials: ReadonlyMap<string, OpenedCredential>;
  trust: ReadonlyMap<string, Trust>;
  endpointKey: InventoryPort['endpointKey'];
  places: Places;
}

type Way = Omit<Place, 'credential'> & { credential: Place['credential']; route: readonly Place[] };

/** The same for a server as the inventory has it now. */
export function targetNow({ route, ...place }: Way, context: Context): SshTarget {
  return { ...hopOf(place, context), via: route.map((hop) => hopOf(hop, context)) };
}

/** Where a frozen host is reached, as whom, and by which keys it is known. Throws OmError where the plan no longer holds. */
export function targetOf(host: FrozenHost, context: Context): SshTarget {
  const last = hopOf({ ...host, credential: parseCredential(host.credential) }, context);
  return { ...last, via: host.hops.map((hop) => hopOf(hop, context)) };
}

type Place = Pick<FrozenHost, 'name' | 'address' | 'port' | 'user' | 'zoneId' | 'credentialId'> & {
  credential: { name: string; version: number } | null;
};

function hopOf(place: Place, { credentials, trust, endpointKey, places }: Context): SshHop {
  const known = trust.get(endpointKey(place));
  const hostTrust: HostTrust = {
    keys: known?.keys ?? [],
    revoked: known?.revoked ?? [],
    firstUse: known?.policy === 'accept' ? 'accept' : 'refuse',
  };
  places.set(hostTrust, { zoneId: place.zoneId, address: place.address, port: place.port });
  return {
    address: place.address,
    port: place.port,
    username: place.user,
    credential: credentialOf(place, credentials),
    trust: hostTrust,
  };
}

function credentialOf({ name, credentialId, credential }: Place, credentials: Context['credentials']): SshCredential {
  const opened = credentialId === null ? undefined : credentials.get(credentialId);
  if (!opened || !credential)
    throw new OmError('NOT_FOUND', `${name} has no credential; set one: om hosts set ${name} --credential NAME`);
  if (opened.version !== credential.version) {
    throw new OmError(
      'PLAN_CHANGED',
      `The credential ${opened.name} was replaced after the plan was made; make a new plan.`,
    );
  }
  const { secret } = opened;
  const auth =
    secret.kind === 'key'
      ? { kind: 'key' as const, privateKey: secret.privateKey, passphrase: secret.passphrase }
      : { kind: 'password' as const, password: secret.password };
  return { id: opened.id, version: opened.version, auth };
}

function parseCredential(text: string | null): Place['credential'] {
  const at = text?.lastIndexOf('@') ?? -1;
  return text === null || at < 0 ? null : { name: text.slice(0, at), version: Number(text.slice(at + 1)) };
}
