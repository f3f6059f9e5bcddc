import { type ActivityShare, OmError, type ParamsOf } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import type { HandlersOf } from '../../../rpc/handlers.ts';
import { type Known, readFilter } from '../commands/commandFilter.ts';
import type { Looks } from '../looks.ts';
import { type Counted, readActivity } from './readActivity.ts';

export type ActivityHandlers = HandlersOf<'commands.activity'>;

interface Options {
  db: Database;
  looked: Looks['looked'];
  known: Known & { nameOf(id: string): Promise<string | undefined> };
}

export function createActivityHandlers({ db, looked, known }: Options): ActivityHandlers {
  async function countedOf({ host, user }: ParamsOf<'commands.activity'>): Promise<Counted> {
    if (host !== undefined && user !== undefined)
      throw new OmError('INVALID_PARAMS', 'Commands are counted of one server or of one user, not of both.');
    if (user !== undefined) return { scope: 'user', name: user };
    if (host === undefined) return { scope: 'all' };
    const filter = await readFilter({ host }, known);
    if (!filter?.host) throw new OmError('NOT_FOUND', `There is no server ${host}.`);
    return { scope: 'host', name: 'id' in filter.host ? filter.host.id : filter.host.address };
  }
  const named = (shares: readonly ActivityShare[]) =>
    Promise.all(shares.map(async (share) => ({ ...share, name: (await known.nameOf(share.name)) ?? share.name })));

  return {
    async 'commands.activity'({ actor }, params) {
      const counted = await countedOf(params);
      const until = params.until === undefined ? Date.now() : Date.parse(params.until);
      const activity = await readActivity(db.knex, counted, params, until);
      await looked(actor, 'commands.activity', params);
      return { ...activity, hosts: await named(activity.hosts) };
    },
  };
}
