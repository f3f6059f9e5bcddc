import { OmError, type RolePermission } from '@omanager/contract';
import type { SignedIn } from '../../../rpc/actor.ts';
import type { TerminalHost, TerminalPorts } from '../ports.ts';
import { createRecheck, type Held } from '../recheck.ts';
import type { TerminalsOptions } from '../terminals.ts';

type HoldsOptions = Pick<TerminalsOptions, 'actorNow' | 'authorize' | 'log'> & Pick<TerminalPorts, 'hostsNow'>;

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
  close(error: OmError): void;
}

interface HeldFiles extends Held {
  readonly permission: RolePermission;
  stop(error: OmError): void;
}

/** Who is at the files of which server now. */
export function createHolds(options: HoldsOptions): Holds {
  const held = new Set<HeldFiles>();
  const recheck = createRecheck({ ...options, held, permissionOf: ({ permission }) => permission });

  return {
    take(owner, host, permission) {
      const all = [...held];
      if (
        all.length >= most.all ||
        all.filter((one) => one.owner.userId === owner.userId).length >= most.ofUser ||
        all.filter((one) => one.host.id === host.id).length >= most.onHost
      )
        throw new OmError(
          'LIMIT',
          `At most ${most.ofUser} transfers of a person and ${most.onHost} on a server are under way at once; wait for one to end.`,
        );
      const end = new AbortController();
      const one: HeldFiles = {
        ...{ owner, host, permission },
        stop: (error) => end.abort(error),
        end: async (_why, message) => end.abort(new OmError('FORBIDDEN', message ?? undefined)),
      };
      held.add(one);
      // What was taken away since it was asked for was told to nobody here.
      void recheck.one(one);
      return { signal: end.signal, release: () => void held.delete(one) };
    },
    recheck: recheck.all,
    close(error) {
      recheck.close();
      for (const one of held) one.stop(error);
    },
  };
}
