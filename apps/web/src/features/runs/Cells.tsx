import { finalRunStates, type Run } from '@omanager/contract';
import { FractionBar } from '../../ui/FractionBar.tsx';
import layout from '../../ui/layout.module.css';
import { useNow } from '../../ui/now.ts';
import { RiskChip } from '../../ui/RiskChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import { clockOf } from '../../ui/Time.tsx';
import css from './Runs.module.css';

/** How many servers of a run are ok, with all their states as a bar: 148/150 is never a plain success. */
export function Done({ run }: { run: Run }) {
  return (
    <span className={css.done}>
      <span className={layout.mono}>
        {run.counts.ok.toLocaleString()}/{run.total.toLocaleString()}
      </span>
      <FractionBar counts={run.counts} slim />
    </span>
  );
}

/** Of what ran how, as the operator knows it: title and risk. */
export function ModuleCell({ run, title }: { run: Run; title: string }) {
  return (
    <span className={css.module}>
      <span className={layout.cut} title={`${run.module.id}@${run.module.version}`}>
        {safeText(title)}
      </span>
      <RiskChip risk={run.module.risk} />
    </span>
  );
}

/** From start to end, or until now. */
export function Duration({ run }: { run: Run }) {
  const goesOn = run.startedAt !== null && !finalRunStates.has(run.state);
  const now = useNow(goesOn ? 1000 : 0);
  if (run.startedAt === null) return null;
  const end = run.endedAt === null ? now : Date.parse(run.endedAt);
  return <span className={layout.mono}>{clockOf(end - Date.parse(run.startedAt))}</span>;
}
