import { finalRunStates, type Run } from '@omanager/contract';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { useAnswer, useStream } from '../../data/calls.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { useDismissed } from './dismissed.ts';
import { type Item, inboxOf } from './needs.ts';

const most = 100;

export interface MyRuns {
  /** The newest runs of this person, as they are now; newest first. */
  readonly runs: readonly Run[];
  readonly active: readonly Run[];
  readonly inbox: readonly Item[];
  /** The last that ended while this window looked on. */
  readonly ended: Run | null;
  dismiss(keys: readonly string[]): void;
}

const context = createContext<MyRuns | null>(null);

/** Runs of the person who is signed in: the chip, the inbox, the output panel and the desktop's taskbar read them here. */
export function useMyRuns(): MyRuns {
  const mine = useContext(context);
  if (!mine) throw new Error('useMyRuns: only below MyRunsProvider');
  return mine;
}

export function MyRunsProvider({ children }: { children: ReactNode }) {
  const { who } = useSession();
  const mine = { startedBy: who.userName };
  const mayRead = useMay()('run.read');
  const listed = useAnswer('runs.list', { ...mine, limit: most }, { enabled: mayRead });
  const [told, setTold] = useState<ReadonlyMap<string, Run>>(new Map());
  const [ended, setEnded] = useState<Run | null>(null);
  const { since, done, dismiss } = useDismissed();
  const runs = useMemo(() => newest(listed.data?.items ?? [], told), [listed.data, told]);
  const known = listed.data?.items[0]?.number ?? 0;

  // Once the list is there, so that nothing falls between the two.
  useStream('runs.watchList', listed.data ? { ...mine, after: known } : null, ({ runs: news }) => {
    const over = news.findLast((run) => finalRunStates.has(run.state) && wasUnderWay(runs, run));
    if (over) setEnded(over);
    setTold((before) => new Map([...before, ...news.map((run) => [run.id, run] as const)].slice(-most)));
  });
  const active = useMemo(() => runs.filter((run) => !finalRunStates.has(run.state)), [runs]);
  const inbox = useMemo(() => inboxOf(runs, since, done), [runs, since, done]);
  return <context.Provider value={{ runs, active, inbox, ended, dismiss }}>{children}</context.Provider>;
}

/** One that this window has not seen begun has begun since. */
const wasUnderWay = (runs: readonly Run[], { id }: Run): boolean => {
  const before = runs.find((run) => run.id === id);
  return before === undefined || !finalRunStates.has(before.state);
};

/** Each run as it was told last: by the list or by the stream. */
function newest(listed: readonly Run[], told: ReadonlyMap<string, Run>): readonly Run[] {
  const all = new Map(listed.map((run) => [run.id, run]));
  for (const run of told.values()) if ((all.get(run.id)?.revision ?? -1) < run.revision) all.set(run.id, run);
  return [...all.values()].sort((a, b) => b.number - a.number).slice(0, most);
}
