import { finalRunStates, type Run } from '@omanager/contract';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { useAnswer, useRefresh, useStream } from '../../data/calls.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { useDismissed } from './dismissed.ts';
import { type Item, inboxOf } from './needs.ts';

const mostListed = 100;
/** A stream for each. */
const mostFollowed = 10;

export interface MyRuns {
  /** Runs of this person among the newest, as they are now; newest first. */
  readonly runs: readonly Run[];
  readonly active: readonly Run[];
  readonly inbox: readonly Item[];
  /** The last that ended while it was followed here. */
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
  const may = useMay();
  const listed = useAnswer('runs.list', { limit: mostListed }, { enabled: may('run.read') });
  const [live, setLive] = useState<ReadonlyMap<string, Run>>(new Map());
  const [ended, setEnded] = useState<Run | null>(null);
  const { since, done, dismiss } = useDismissed();
  useLookAgain();

  const runs = useMemo(
    () =>
      (listed.data?.items ?? [])
        .filter((run) => run.startedBy === who.userName)
        .map((run) => {
          const told = live.get(run.id);
          return told && told.revision > run.revision ? told : run;
        }),
    [listed.data, live, who.userName],
  );
  const active = useMemo(() => runs.filter((run) => !finalRunStates.has(run.state)), [runs]);
  const inbox = useMemo(() => inboxOf(runs, since, done), [runs, since, done]);
  const tell = useCallback((run: Run, wasUnderWay: boolean) => {
    setLive((now) => new Map([...now].slice(-mostListed)).set(run.id, run));
    if (wasUnderWay && finalRunStates.has(run.state)) setEnded(run);
  }, []);
  const mine = { runs, active, inbox, ended, dismiss };
  return (
    <context.Provider value={mine}>
      {active.slice(0, mostFollowed).map(({ id }) => (
        <Follow key={id} id={id} tell={tell} />
      ))}
      {children}
    </context.Provider>
  );
}

/** Watches one run that is not over; shows nothing itself. */
function Follow({ id, tell }: { id: string; tell: (run: Run, wasUnderWay: boolean) => void }) {
  const [underWay, setUnderWay] = useState(false);
  useStream('runs.watch', { runId: id, hosts: false }, ({ run }) => {
    tell(run, underWay);
    if (!finalRunStates.has(run.state)) setUnderWay(true);
  });
  return null;
}

/** Whoever comes back to this window may have started something in another. */
function useLookAgain(): void {
  const refresh = useRefresh();
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') refresh('runs.list').catch(() => {});
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  });
}
