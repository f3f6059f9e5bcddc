import { type Group, groupPathSchema, OmError, parseSelector } from '@omanager/contract';
import type { Knex } from 'knex';
import type { Database, Tx } from '../../db/database.ts';
import type { PageParams } from '../../db/page.ts';
import { pathOf, withAncestors } from './groupPath.ts';
import {
  countMembers,
  deleteMembers,
  deleteSubtree,
  ensureGroups,
  type GroupRow,
  insertMembers,
  membersWhere,
  movePaths,
  pageOfGroups,
  subtree,
} from './groupStore.ts';
import { selectorSql } from './selectorSql.ts';
import { lock } from './sql.ts';

export interface Groups {
  list(page: PageParams): Promise<{ items: Group[]; next?: string }>;
  /** Makes the group and those above it; one that is there already stays as it is. */
  add(tx: Tx, path: string): Promise<Group>;
  move(tx: Tx, path: string, to: string): Promise<Group>;
  remove(tx: Tx, path: string): Promise<void>;
  /** Puts hosts in, or takes them out of the group and all below it. Answers how many hosts that changed. */
  assign(tx: Tx, path: string, selector: string, member: boolean): Promise<number>;
}

export function createGroups({ db, clock }: { db: Database; clock: () => number }): Groups {
  return {
    async list(page) {
      const { rows, ...rest } = await pageOfGroups(db.knex, page);
      return { items: await describe(db.knex, rows), ...rest };
    },

    async add(tx, path) {
      await lock(tx, 'inventory');
      await ensureGroups(tx, [path], clock());
      return get(tx, path);
    },

    async move(tx, path, to) {
      await lock(tx, 'inventory');
      const rows = await existing(tx, path);
      if (to === path) return get(tx, path);
      if (to.startsWith(`${path}/`)) throw new OmError('CONFLICT', `${path} cannot be moved below itself.`);
      if ((await subtree(tx, to)).length > 0) {
        const message = `There is already a group ${to}; put the servers there instead: om groups assign ${to} -t group:${path}`;
        throw new OmError('CONFLICT', message);
      }
      for (const row of rows) {
        const moved = to + pathOf(row.path).slice(path.length);
        if (!groupPathSchema.safeParse(moved).success)
          throw new OmError('INVALID_PARAMS', `${moved} would be too long or nest deeper than 8 levels.`);
      }
      await ensureGroups(tx, withAncestors(to).slice(0, -1), clock());
      await movePaths(tx, path, to);
      return get(tx, to);
    },

    async remove(tx, path) {
      await lock(tx, 'inventory');
      await existing(tx, path);
      await deleteSubtree(tx, path);
    },

    async assign(tx, path, selector, member) {
      await lock(tx, 'inventory');
      const where = selectorSql(parseSelector(selector), db.kind);
      if (member) {
        const id = (await ensureGroups(tx, [path], clock())).get(path) ?? '';
        const hosts = await membersWhere(tx, where, [id], false);
        await insertMembers(tx, id, hosts);
        return hosts.length;
      }
      const ids = (await existing(tx, path)).map((row) => row.id);
      const hosts = await membersWhere(tx, where, ids, true);
      await deleteMembers(tx, ids, hosts);
      return hosts.length;
    },
  };
}

async function existing(on: Knex, path: string): Promise<GroupRow[]> {
  const rows = await subtree(on, path);
  if (rows.length === 0) throw new OmError('NOT_FOUND', `There is no group ${path}; see om groups list.`);
  return rows;
}

async function get(on: Knex, path: string): Promise<Group> {
  const [group] = await describe(on, (await existing(on, path)).slice(0, 1));
  if (!group) throw new OmError('NOT_FOUND', `There is no group ${path}; see om groups list.`);
  return group;
}

async function describe(on: Knex, rows: readonly GroupRow[]): Promise<Group[]> {
  const counts = await countMembers(
    on,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({ id: row.id, path: pathOf(row.path), hosts: counts.get(row.id) ?? 0 }));
}
