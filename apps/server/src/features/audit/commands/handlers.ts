import { type CommandEvent, OmError, type ParamsOf } from '@omanager/contract';
import { type Bus, createWaiter } from '../../../bus/bus.ts';
import type { Database } from '../../../db/database.ts';
import { iso } from '../../../db/page.ts';
import type { HandlersOf } from '../../../rpc/handlers.ts';
import type { Exports } from '../exports.ts';
import type { Looks } from '../looks.ts';
import type { WriteAudit } from '../writer.ts';
import { toCommandEvent } from './commandEvent.ts';
import { type CommandFilter, type Known, type Period, readFilter } from './commandFilter.ts';
import { readCommands, readNeighbours, readPlace, writePlace } from './commandPages.ts';
import { findCommand } from './commandStore.ts';
import { eraseCommand } from './eraseCommand.ts';
import { followCommands } from './followCommands.ts';

export type CommandHandlers = HandlersOf<
  'commands.list' | 'commands.around' | 'commands.follow' | 'commands.export' | 'commands.erase'
>;

interface Options {
  db: Database;
  bus: Bus;
  audit: WriteAudit;
  known: Known;
  exports: Exports;
  looks: Looks;
  tagRisks: <T extends CommandEvent>(events: readonly T[]) => Promise<T[]>;
}

const sweepMs = 1000;
const exportedAtOnce = 500;

export function createCommandHandlers({ db, bus, known, exports, looks, tagRisks }: Options): CommandHandlers {
  const { looked, exported } = looks;

  async function filterOf(asked: Omit<ParamsOf<'commands.follow'>, 'after'>): Promise<CommandFilter> {
    const filter = await readFilter(asked, known);
    if (!filter) throw new OmError('NOT_FOUND', `There is no server ${asked.host}.`);
    return filter;
  }

  return {
    'commands.list': async ({ actor }, { cursor, limit, from, to, ...asked }) => {
      const filter = await filterOf(asked);
      await looked(actor, 'commands.list', { ...asked, from, to });
      const before = cursor === undefined ? undefined : readPlace(cursor);
      const { items, next, searchedTo } = await readCommands(db, { filter, period: periodOf(from, to), before, limit });
      return {
        items: await tagRisks(items),
        ...(next ? { next: writePlace(next) } : {}),
        searchedTo: searchedTo === null ? null : iso(searchedTo),
      };
    },

    'commands.around': async ({ actor }, { id, minutes, limit }) => {
      const row = await findCommand(db.knex, id);
      if (!row) throw new OmError('NOT_FOUND', 'There is no such event.');
      await looked(actor, 'commands.around', { id, minutes });
      const place = { at: Number(row.at), id: row.id };
      const ms = minutes * 60_000;
      const near = { hostId: row.host_id, place, limit: limit + 1 };
      const before = await readNeighbours(db, { ...near, side: 'before', untilMs: place.at - ms });
      const after = await readNeighbours(db, { ...near, side: 'after', untilMs: place.at + ms });
      return {
        items: await tagRisks([...before.items.toReversed(), toCommandEvent(row), ...after.items]),
        more: before.more || after.more,
      };
    },

    'commands.follow': async function* ({ actor, signal }, { after, ...asked }) {
      const filter = await filterOf(asked);
      await looked(actor, 'commands.follow', asked);
      using news = createWaiter(bus, 'commands', signal, sweepMs);
      const parts = followCommands({ knex: db.knex, filter, after, wait: () => news.wait(), signal });
      for await (const { events, skipped } of parts) yield { events: await tagRisks(events), skipped };
    },

    'commands.export': async function* (
      { actor, signal },
      { after, from, to, format, limit = Number.POSITIVE_INFINITY, ...asked },
    ) {
      const filter = await filterOf(asked);
      await exported(actor, 'commands.export', {
        ...asked,
        from,
        to,
        ...(after === undefined ? {} : { continued: true }),
      });
      const period = periodOf(from, to);
      const sealed =
        format && after === undefined && exports.begin('commands', { actor, filter: { ...asked, from, to }, format });
      let left = limit;
      let whole = true;
      for (let before = after === undefined ? undefined : readPlace(after); !signal.aborted; ) {
        const { items: found, next } = await readCommands(db, { filter, period, before, limit: exportedAtOnce });
        const items = found.slice(0, left);
        left -= items.length;
        whole = items.length === found.length;
        // Also after the last of them: a cut before the signature repeats nothing.
        const last = items.at(-1);
        const place = (whole && next) || (last && { at: Date.parse(last.at), id: last.id });
        if (place) yield { events: items, next: writePlace(place) };
        if (sealed) sealed.add(items);
        if (!whole || !next) break;
        before = next;
      }
      if (sealed && !signal.aborted) yield { events: [], seal: await sealed.seal(whole) };
    },

    'commands.erase': (call, { id }) =>
      call.commit(async (tx, note) => {
        note.object = `command:${id}`;
        note.details = { erasure: await eraseCommand(tx, id) };
        return { ok: true } as const;
      }),
  };
}

function periodOf(from: string | undefined, to: string | undefined): Period {
  return {
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
  };
}
