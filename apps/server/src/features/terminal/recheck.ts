import type { RolePermission } from '@omanager/contract';
import type { Actor, SignedIn } from '../../rpc/actor.ts';
import type { AuthorizeObject } from '../../rpc/handlers.ts';
import type { TerminalHost } from './ports.ts';

/** Something that somebody has open on a server. */
export interface Held {
  readonly owner: SignedIn;
  /** As it was when it was opened. */
  readonly host: TerminalHost;
  end(why: 'revoked', message: string | null): Promise<void>;
}

interface Options<H extends Held> {
  /** What is open now. */
  held: ReadonlySet<H>;
  /** What else its owner must be allowed, beside the use of the credential. */
  permissionOf(open: H): RolePermission;
  /** Who somebody is now. */
  actorNow(of: SignedIn): Promise<Actor>;
  /** The servers that are still there of these, as they are now. */
  hostsNow(ids: readonly string[]): Promise<readonly TerminalHost[]>;
  authorize(actor: Actor, permission: RolePermission, object?: AuthorizeObject): boolean;
  log: { error(details: object, message: string): void };
}

const pauseMs = 1000;
/** Inventory and vault are changed by other processes as well: while something is open, they are looked at so often. */
const lookEveryMs = 500;

/** Ends what its owner may not have any more, or what leads to a server that is not there in that way any more. */
export function createRecheck<H extends Held>({ held, permissionOf, actorNow, hostsNow, authorize, log }: Options<H>) {
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  let looking = false;

  /** Asks the owner's rights anew, until the database has answered. */
  async function one(open: H): Promise<void> {
    while (held.has(open)) {
      try {
        const { id, credentialId } = open.host;
        const actor = await actorNow(open.owner);
        const may =
          authorize(actor, permissionOf(open), { host: id }) &&
          authorize(actor, 'credential.use', { host: id, ...(credentialId && { credential: credentialId }) });
        if (!may) void open.end('revoked', null);
        return;
      } catch (error) {
        log.error({ err: String(error).slice(0, 500) }, 'who sits at a server could not be looked up; trying again');
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  async function look(): Promise<void> {
    if (looking || held.size === 0) return;
    looking = true;
    try {
      const asked = [...held];
      const now = new Map((await hostsNow([...new Set(asked.map(({ host }) => host.id))])).map((one) => [one.id, one]));
      for (const open of asked) {
        const { name, id } = open.host;
        const host = now.get(id);
        if (!host) void open.end('revoked', `${name} was removed.`);
        else if (wayTo(host) !== wayTo(open.host))
          void open.end('revoked', `How ${name} is reached was changed: its address, login, credential or zone.`);
      }
    } catch (error) {
      log.error({ err: String(error).slice(0, 500) }, 'the servers that somebody sits at could not be looked up');
    } finally {
      looking = false;
    }
  }

  return {
    one,
    async all(): Promise<void> {
      await Promise.all([...[...held].map(one), look()]);
    },
    close: () => clearInterval(timer),
  };
}

/** Everything that decides where a connection leads and as whom. */
function wayTo({ route, ...host }: TerminalHost): string {
  return JSON.stringify(
    [host, ...route].map(({ address, port, user, zoneId, credentialId, credential }) => [
      ...[address, port, user, zoneId, credentialId, credential?.version],
    ]),
  );
}
