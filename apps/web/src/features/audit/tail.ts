import type { ActionEvent } from '@omanager/contract';

/** Events that came live, newest first; while paused they wait unseen. */
export interface Tail<T extends { id: string } = ActionEvent> {
  readonly shown: readonly T[];
  readonly waiting: readonly T[];
  readonly paused: boolean;
  /** More came than is kept: the list has to be asked for anew. */
  readonly overrun: boolean;
}

/** Of events that came live, so many are kept. */
export const mostLive = 1000;
export const emptyTail: Tail<never> = { shown: [], waiting: [], paused: false, overrun: false };

/** New events, oldest first as the stream tells them. */
export function arrived<T extends { id: string }>(tail: Tail<T>, events: readonly T[]): Tail<T> {
  // Some come again, and some that were committed late belong further below: both are known by their ids.
  const known = new Set([...tail.shown, ...tail.waiting].map(({ id }) => id));
  const newestFirst = events.filter(({ id }) => !known.has(id)).reverse();
  const shown = tail.paused ? tail.shown : [...newestFirst, ...tail.shown];
  const waiting = tail.paused ? [...newestFirst, ...tail.waiting] : tail.waiting;
  const overrun = tail.overrun || shown.length > mostLive || waiting.length > mostLive;
  return { ...tail, shown: shown.slice(0, mostLive), waiting: waiting.slice(0, mostLive), overrun };
}

export const paused = <T extends { id: string }>(tail: Tail<T>): Tail<T> => ({ ...tail, paused: true });

/** Everything that waited is shown. */
export function resumed<T extends { id: string }>(tail: Tail<T>): Tail<T> {
  const shown = [...tail.waiting, ...tail.shown];
  return {
    shown: shown.slice(0, mostLive),
    waiting: [],
    paused: false,
    overrun: tail.overrun || shown.length > mostLive,
  };
}

/** What came live before what was listed, each once. */
export function joined(live: readonly ActionEvent[], listed: readonly ActionEvent[]): readonly ActionEvent[] {
  const known = new Set(listed.map(({ id }) => id));
  const fresh = live.filter(({ id }) => !known.has(id) && known.add(id));
  const last = listed[0]?.id;
  const rows = [...fresh, ...listed];
  // Ids follow time; what was committed late is not newer than all that is listed.
  const late = last !== undefined && fresh.some(({ id }) => id < last);
  return late ? rows.sort((a, b) => (a.id < b.id ? 1 : -1)) : rows;
}

/** The run that an event is about. */
export const runOf = ({ object }: ActionEvent): string | null =>
  /^run ([0-9a-f-]{36})$/.exec(object ?? '')?.[1] ?? null;

/** The server that an event is about. */
export const hostOf = ({ action, object }: ActionEvent): string | null =>
  /^hosts\.(add|update)$/.test(action) ? object : null;
