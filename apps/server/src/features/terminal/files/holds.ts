import { setTimeout } from 'node:timers/promises';
import { OmError, type RolePermission } from '@omanager/contract';
import type { SignedIn } from '../../../rpc/actor.ts';
import type { TerminalHost, TerminalPorts } from '../ports.ts';
import { createRecheck, type Held } from '../recheck.ts';
import type { TerminalsOptions } from '../terminals.ts';

type HoldsOptions = Pick<TerminalsOptions, 'actorNow' | 'authorize' | 'log'> & Pick<TerminalPorts, 'hostsNow'>;

/** How long the end of the process waits for them. */
const clearingMs = 3000;
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
  /** Ends them all, and waits until they have cleared away what was half done; not for a server that is silent. */
  close(error: OmError): Promise<void>;
}

interface HeldFiles extends Held {
  readonly released: PromiseWithResolvers<void>;
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
        ...{ owner, host, permission, released: Promise.withResolvers<void>() },
        stop: (error) => end.abort(error),
        end: async (_why, message) => end.abort(new OmError('FORBIDDEN', message ?? undefined)),
      };
      held.add(one);
      // What was taken away since it was asked for was told to nobody here.
      void recheck.one(one);
      const release = () => {
        held.delete(one);
        one.released.resolve();
      };
      return { signal: end.signal, release };
    },
    recheck: recheck.all,
    async close(error) {
      recheck.close();
      for (const one of held) one.stop(error);
      const all = Promise.all([...held].map(({ released }) => released.promise));
      const patience = new AbortController();
      const enough = setTimeout(clearingMs, undefined, { signal: patience.signal }).catch(() => {});
      await Promise.race([all, enough]);
      patience.abort();
    },
  };
}
