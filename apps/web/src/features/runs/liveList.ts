import type { Run } from '@omanager/contract';

/** What the stream told since the list was asked for. */
export interface Told {
  readonly runs: ReadonlyMap<string, Run>;
  readonly left: ReadonlySet<string>;
  /** Newest runs that are not shown yet, because rows would move. */
  readonly held: ReadonlySet<string>;
}

export const nothingTold: Told = { runs: new Map(), left: new Set(), held: new Set() };
/** So much is kept of what streams told. */
const mostTold = 1000;

/** @param hold the first row is out of sight, and `known` are the rows that there are */
export function heard(
  told: Told,
  event: { runs: readonly Run[]; left: readonly string[] },
  known: ReadonlySet<string>,
  hold: boolean,
): Told {
  const runs = new Map(told.runs);
  const left = new Set(told.left);
  const held = new Set(told.held);
  for (const run of event.runs) {
    if (hold && !known.has(run.id) && !told.runs.has(run.id)) held.add(run.id);
    runs.delete(run.id);
    runs.set(run.id, run);
    left.delete(run.id);
  }
  for (const id of event.left) {
    runs.delete(id);
    held.delete(id);
    left.add(id);
  }
  for (const id of [...runs.keys()].slice(0, Math.max(0, runs.size - mostTold))) runs.delete(id);
  return { runs, left: new Set([...left].slice(-mostTold)), held };
}

export const released = (told: Told): Told => (told.held.size === 0 ? told : { ...told, held: new Set() });

/** The rows: as whoever told last says, newest first, without what is held back or below what is loaded. */
export function rowsOf(listed: readonly Run[], { runs, left, held }: Told, more: boolean): readonly Run[] {
  const known = new Set(listed.map(({ id }) => id));
  const last = listed.at(-1);
  const begun = [...runs.values()].filter(
    (run) => !known.has(run.id) && !held.has(run.id) && (!more || last === undefined || isNewer(run, last)),
  );
  const rows = listed
    .filter(({ id }) => !left.has(id))
    .map((run) => {
      const now = runs.get(run.id);
      return now && now.revision > run.revision ? now : run;
    });
  return begun.length === 0 ? rows : [...begun, ...rows].sort((a, b) => (isNewer(a, b) ? -1 : 1));
}

const isNewer = (a: Run, b: Run): boolean => (a.createdAt === b.createdAt ? a.id > b.id : a.createdAt > b.createdAt);
