import type { HostState, Run } from '@omanager/contract';
import type { RunStore } from '../../live/runStore.ts';
import { OutputPane } from './output/OutputPane.tsx';
import css from './ServersAndOutput.module.css';
import { ServersPane } from './servers/ServersPane.tsx';

/** Where it runs beside what came of it. */
export function ServersAndOutput({
  store,
  run,
  live,
  only,
  onOnly,
  onRetry,
}: {
  store: RunStore;
  run: Run;
  live: boolean;
  only: HostState | null;
  onOnly: (state: HostState | null) => void;
  onRetry: (hosts: readonly number[]) => void;
}) {
  return (
    <div className={css.columns}>
      <div className={css.servers}>
        <ServersPane {...{ store, run, live, only, onOnly, onRetry }} />
      </div>
      <OutputPane {...{ store, run, live, only, onRetry }} />
    </div>
  );
}
