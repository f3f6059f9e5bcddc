import type { RunDay, RunState } from '@omanager/contract';
import { useAnswer } from '../../data/calls.ts';
import { useLanguage, useTexts } from '../../i18n/useTexts.ts';
import { uiTexts } from '../../ui/texts.ts';
import css from './DayChart.module.css';
import type { Filter } from './runQuery.ts';
import { runsTexts } from './texts.ts';

const days = 30;
const height = 44;
const barWidth = 20;
/** As wide as what is pressed has to be. */
const step = 24;

/** What became of runs, from the bottom of a bar to its top. */
const outcomes = [
  ['succeeded', ['succeeded']],
  ['partly_succeeded', ['partly_succeeded']],
  ['failed', ['failed']],
  ['aborted', ['aborted']],
  ['underWay', ['queued', 'running', 'pausing', 'paused', 'stopping']],
] as const satisfies readonly (readonly [string, readonly RunState[]])[];
type Outcome = (typeof outcomes)[number][0];

const sumOf = ({ counts }: RunDay, states: readonly RunState[] = outcomes.flatMap(([, all]) => [...all])): number =>
  states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);

interface Props {
  filter: Filter;
  /** The day that is shown alone. */
  chosen: string | null;
  onChoose: (day: string | null) => void;
}

/** How the runs of the last days ended: a bar a day, and the same as a table for those who do not see bars. */
export function DayChart({ filter, chosen, onChoose }: Props) {
  const t = useTexts(runsTexts);
  const tUi = useTexts(uiTexts);
  const language = useLanguage();
  const answer = useAnswer('runs.byDay', { ...filter, days, offsetMinutes: -new Date().getTimezoneOffset() });
  const shown = answer.data?.days ?? [];
  const most = Math.max(1, ...shown.map((day) => sumOf(day)));
  const name = (outcome: Outcome) => (outcome === 'underWay' ? t('underWay') : tUi(outcome));
  const date = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    ...{ weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' },
  } as const);
  const said = (day: RunDay) => {
    const words = outcomes
      .map(([outcome, states]) => [name(outcome), sumOf(day, states)] as const)
      .filter(([, count]) => count > 0)
      .map(([word, count]) => `${count} ${word}`);
    return `${date.format(new Date(day.day))}: ${words.length === 0 ? t('noRuns') : words.join(', ')}`;
  };
  if (shown.length === 0) return <div className={css.chart} aria-hidden="true" />;
  const total = shown.reduce((sum, day) => sum + sumOf(day), 0);
  const ok = shown.reduce((sum, day) => sum + sumOf(day, ['succeeded']), 0);
  const over = total - shown.reduce((sum, day) => sum + sumOf(day, outcomes[4][1]), 0);
  return (
    <figure className={css.chart} aria-label={t('byDay')}>
      <figcaption className={css.caption}>
        {t('byDay')}
        <b>{over === 0 ? '–' : `${Math.floor((100 * ok) / over)} %`}</b>
        <span>{t('succeededOf', { ok: ok.toLocaleString(), over: over.toLocaleString() })}</span>
      </figcaption>
      <div className={css.bars}>
        {shown.map((day) => (
          <button
            key={day.day}
            type="button"
            className={css.day}
            aria-pressed={chosen === day.day}
            aria-label={said(day)}
            title={said(day)}
            onClick={() => onChoose(chosen === day.day ? null : day.day)}
          >
            <Bar day={day} most={most} />
          </button>
        ))}
      </div>
      <table className={css.table}>
        <caption>{t('byDay')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('day')}</th>
            {outcomes.map(([outcome]) => (
              <th key={outcome} scope="col">
                {name(outcome)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((day) => (
            <tr key={day.day}>
              <th scope="row">{day.day}</th>
              {outcomes.map(([outcome, states]) => (
                <td key={outcome}>{sumOf(day, states)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function Bar({ day, most }: { day: RunDay; most: number }) {
  let y = height;
  return (
    <svg viewBox={`0 0 ${step} ${height + 2}`} width={step} height={height + 2} aria-hidden="true">
      <rect className={css.floor} x={2} y={height + 1} width={barWidth} height={1} />
      {outcomes.map(([outcome, states]) => {
        const count = sumOf(day, states);
        if (count === 0) return null;
        // Whatever there is can be seen.
        const part = Math.max(2, (height * count) / most);
        y -= part;
        return <rect key={outcome} data-outcome={outcome} x={2} y={Math.max(0, y)} width={barWidth} height={part} />;
      })}
    </svg>
  );
}
