import type { HostState, Run } from '@omanager/contract';
import { useLocation } from 'wouter';
import { useKeys } from '../../app/commands.ts';
import type { RunStore } from '../../live/runStore.ts';
import { notOkCount } from './header/steering.ts';
import { useCopy } from './parts/Copied.tsx';
import { notOkBeside } from './parts/notOkBeside.ts';

/** What keys do on every tab of a run: to the next server that is not OK, the names of what is shown. */
export function useRunKeys(store: RunStore, run: Run, only: HostState | null): void {
  const [location, navigate] = useLocation();
  const copy = useCopy();
  const base = `/runs/${run.id}`;
  const shown = /\/log\/(\d+)$/.exec(location)?.[1];
  const from = shown === undefined ? null : Number(shown);
  const go = (by: 1 | -1) => () => {
    const next = notOkBeside(store, run.total, { from, by, only });
    return next === null ? false : navigate(`${base}/log/${next}`);
  };
  useKeys({ nextFailed: go(1), previousFailed: go(-1) }, { enabled: run.total > 1 && notOkCount(run.counts) > 0 });
  const copyHosts = () =>
    copy.names([...store.hosts()].filter(({ state }) => only === null || state === only).map(({ name }) => name));
  useKeys({ copyHosts }, { fallback: true });
}
