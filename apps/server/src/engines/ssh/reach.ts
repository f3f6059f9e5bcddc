import type { HostRun } from '@omanager/contract';
import { SshError } from '@omanager/ssh-fleet';
import type { Endpoint } from '../../features/runs/ports.ts';

export interface HostKeysPort {
  /** Writes down a key that a server showed, so that an operator can say yes, or see that it changed. */
  record(
    endpoint: Endpoint,
    offered: { type: string; key: string; fingerprint: string },
    why: 'unknown' | 'changed' | 'accepted',
  ): Promise<unknown>;
}

export interface Unreached {
  state: 'unreachable';
  reason: HostRun['reason'];
  message: string;
}

/** Says why a host was not reached, and keeps the key it showed where that was the reason. */
export async function whyUnreachable(
  error: unknown,
  host: Endpoint & { hops: readonly Endpoint[] },
  hostKeys: HostKeysPort,
): Promise<Unreached> {
  if (!(error instanceof SshError)) throw error;
  const { reason, offered, hop, message } = error;
  if (offered && (reason === 'host_key_unknown' || reason === 'host_key_changed' || reason === 'jump_failed')) {
    const place = hop === undefined ? host : host.hops[hop - 1];
    // A jump host that fails for its key is recorded as well: its cause says which of the two it was.
    const why = keyReason(error) === 'host_key_changed' ? 'changed' : 'unknown';
    if (place) await hostKeys.record(place, offered, why);
  }
  return { state: 'unreachable', reason: toReason(error), message };
}

function keyReason(error: SshError): string {
  return error.reason === 'jump_failed' && error.cause instanceof SshError ? error.cause.reason : error.reason;
}

function toReason({ reason }: SshError): HostRun['reason'] {
  switch (reason) {
    // The connection ended between handshake and first use: as if it had not been taken.
    case 'closed':
    case 'channel_refused':
      return 'refused';
    default:
      return reason;
  }
}
