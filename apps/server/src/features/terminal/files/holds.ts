import { OmError, type RolePermission } from '@omanager/contract';
import type { SignedIn } from '../../../rpc/actor.ts';
import type { TerminalHost } from '../ports.ts';
import type { TerminalsOptions } from '../terminals.ts';

/** Most at once: of this process, of one person, and on one server, whose channels runs need as well. */
const most = { all: 100, ofUser: 12, onHost: 6 };

/** The right to use a server's files, for as long as it takes. */
export interface Hold {
  /** Aborted with an OmError when the right is lost, or the process stops. */
  readonly signal: AbortSignal;
  release(): void;
}

export interface Holds {
  take(me: SignedIn, host: TerminalHost, permission: RolePermission): Hold;
  /** Ends those whose owner may not have them any more. */
  recheck(): Promise<void>;
  endAll(error: OmError): void;
}

interface Held {
  me: SignedIn;
  host: TerminalHost;
  permission: RolePermission;
  end: AbortController;
}

/** Who is at the files of which server now. */
export function createHolds({ actorNow, authorize }: Pick<TerminalsOptions, 'actorNow' | 'authorize'>): Holds {
  const held = new Set<Held>();

  async function mayStill({ me, host, permission }: Held): Promise<boolean> {
    // Where it cannot be looked up, nobody may: a transfer is soon begun again.
    const actor = await actorNow(me).catch(() => null);
    if (!actor || host.credentialId === null) return false;
    return (
      authorize(actor, permission, { host: host.id }) &&
      authorize(actor, 'credential.use', { host: host.id, credential: host.credentialId })
    );
  }

  return {
    take(me, host, permission) {
      const all = [...held];
      if (
        all.length >= most.all ||
        all.filter((one) => one.me.userId === me.userId).length >= most.ofUser ||
        all.filter((one) => one.host.id === host.id).length >= most.onHost
      )
        throw new OmError(
          'LIMIT',
          `At most ${most.ofUser} transfers of a person and ${most.onHost} on a server are under way at once; wait for one to end.`,
        );
      const one = { me, host, permission, end: new AbortController() };
      held.add(one);
      return { signal: one.end.signal, release: () => void held.delete(one) };
    },
    async recheck() {
      await Promise.all(
        [...held].map(async (one) => {
          if (!(await mayStill(one))) one.end.abort(new OmError('FORBIDDEN'));
        }),
      );
    },
    endAll(error) {
      for (const { end } of held) end.abort(error);
    },
  };
}
