import { OmError } from '@omanager/contract';
import type { Tx } from '../../db/database.ts';
import type { SignedIn } from '../../rpc/actor.ts';
import { raiseEpoch } from './epoch.ts';
import { findDevice, revokeDevices } from './stores/devices.ts';
import { endSessions, findSession } from './stores/sessions.ts';
import { findToken, revokeTokens } from './stores/tokens.ts';

/** Cutting off a device, session or token: one’s own, or anybody’s with access.write. */
export interface Revoke {
  device(tx: Tx, by: By, id: string): Promise<void>;
  session(tx: Tx, by: By, id: string): Promise<void>;
  token(tx: Tx, by: By, id: string): Promise<void>;
}

export interface By {
  readonly actor: SignedIn;
  /** Throws unless the caller may do this to others. */
  readonly requireOthers: () => void;
}

export function createRevoke({ now }: { now: () => number }): Revoke {
  return {
    async device(tx, by, id) {
      await raiseEpoch(tx);
      requireOwn(await findDevice(tx, { id }), by);
      refuseToken(by);
      const at = now();
      if ((await revokeDevices(tx, { id }, at)) === 0) throw new OmError('CONFLICT', 'It is revoked already.');
      await endSessions(tx, { device_id: id }, at);
    },
    async session(tx, by, id) {
      await raiseEpoch(tx);
      requireOwn(await findSession(tx, { id }), by);
      refuseToken(by);
      if ((await endSessions(tx, { id }, now())) === 0) throw new OmError('CONFLICT', 'It has ended already.');
    },
    async token(tx, by, id) {
      await raiseEpoch(tx);
      requireOwn(await findToken(tx, { id }), by);
      // A token may end itself, for example at the end of a pipeline, and nothing else.
      if (by.actor.tokenId !== id) refuseToken(by);
      if ((await revokeTokens(tx, { id }, now())) === 0) throw new OmError('CONFLICT', 'It is revoked already.');
    },
  };
}

function requireOwn(row: { user_id: string } | undefined, { actor, requireOthers }: By): void {
  if (row?.user_id === actor.userId) return;
  requireOthers();
  if (!row) throw new OmError('NOT_FOUND');
}

function refuseToken({ actor }: By): void {
  if (actor.kind === 'token') throw new OmError('FORBIDDEN', 'An API token cannot do this; sign in as yourself.');
}
