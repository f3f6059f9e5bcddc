import type { Alert } from '@omanager/contract';
import type { Knex } from 'knex';
import { iso } from '../../../db/page.ts';
import { type AlertFilter, type AlertRow, changedSince, toAlerts } from './alertStore.ts';

/** A change has its time before it is committed: so long one with an earlier time may still appear. */
const horizonMs = 10_000;
const atOnce = 500;

interface Options {
  knex: Knex;
  filter: AlertFilter;
  /** Without it, only what changes from now on comes. */
  afterMs: number | undefined;
  now(): number;
  wait(): Promise<void>;
  signal: AbortSignal;
}

/** Alerts of a filter as they change: each state of one at most once. */
export async function* followAlerts({
  knex,
  filter,
  afterMs,
  now,
  wait,
  signal,
}: Options): AsyncIterable<{ alerts: Alert[]; at: string }> {
  const seen = new Map<string, { version: number; at: number }>();
  let newest = afterMs ?? now();

  async function* fresh(): AsyncIterable<AlertRow[]> {
    const since = newest - horizonMs;
    for (let after: { at: number; id: string } | undefined; !signal.aborted; ) {
      const rows = await changedSince(knex, filter, { since, after, limit: atOnce });
      const unseen = rows.filter(({ id, version }) => seen.get(id)?.version !== version);
      for (const { id, version, changed_at } of unseen) seen.set(id, { version, at: Number(changed_at) });
      const last = rows.at(-1);
      if (unseen.length > 0) yield unseen;
      if (last) newest = Math.max(newest, Number(last.changed_at));
      if (!last || rows.length < atOnce) break;
      after = { at: Number(last.changed_at), id: last.id };
    }
    for (const [id, { at }] of seen) if (at < newest - horizonMs) seen.delete(id);
  }

  if (afterMs === undefined) for await (const _known of fresh());
  while (!signal.aborted) {
    for await (const rows of fresh()) yield { alerts: await toAlerts(knex, rows), at: iso(newest) };
    await wait();
  }
}
