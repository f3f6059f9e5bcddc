import { finalHostStates, type HostState, type Run } from '@omanager/contract';
import { IconChevronRight } from '@tabler/icons-react';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import { StateGlyph } from '../../../ui/StateGlyph.tsx';
import { toneOf } from '../../../ui/stateTones.ts';
import { clockTime } from '../parts/clockTime.ts';
import { runTexts } from '../texts.ts';
import css from './WaveStrip.module.css';

type Wave = Run['waves'][number];

const sum = ({ counts }: Wave, states: ReadonlySet<HostState>): number =>
  [...states].reduce((total, state) => total + (counts[state] ?? 0), 0);
const bad: ReadonlySet<HostState> = new Set(
  [...finalHostStates].filter((state) => state !== 'ok' && state !== 'skipped'),
);

/** Where the run is among its waves: those around the one under way, the rest as dots. */
export function WaveStrip({ run }: { run: Run }) {
  const t = useTexts(runTexts);
  const language = useLanguage();
  const count = run.waves.length;
  if (count < 2) return null;
  const current = run.wave ?? count - 1;
  const from = Math.max(0, Math.min(current - 2, count - 5));
  const shown = run.waves.slice(from, from + 5).map((wave, i) => ({ wave, at: from + i }));
  return (
    <ol className={css.waves} aria-label={t('waves')}>
      {from > 0 && <li className={css.more}>…</li>}
      {shown.map(({ wave, at }) => {
        const done = sum(wave, finalHostStates);
        const state = stateOf(wave, done, sum(wave, bad));
        const now = run.wave === at;
        return (
          <li key={at} className={css.wave} data-now={now || undefined} aria-current={now ? 'step' : undefined}>
            {at > from && <IconChevronRight size={14} stroke={1.5} aria-hidden="true" />}
            <span className={css.name} data-tone={toneOf(state)}>
              <StateGlyph state={state} />
              {at === 0 && wave.size < (run.waves[1]?.size ?? 0) ? t('canary') : t('wave', { n: at + 1 })}
            </span>
            <span className={css.figure}>
              {done}/{wave.size}
            </span>
            {now && <progress max={wave.size} value={done} aria-label={t('waveOf', { n: at + 1, count })} />}
          </li>
        );
      })}
      {from + 5 < count && <li className={css.more}>… {t('wave', { n: count })}</li>}
      {run.holdUntil && <li className={css.more}>{t('nextWaveAt', { time: clockTime(run.holdUntil, language) })}</li>}
    </ol>
  );
}

function stateOf(wave: Wave, done: number, notOk: number): HostState {
  if (done === 0 && (wave.counts.running ?? 0) + (wave.counts.connecting ?? 0) === 0) return 'pending';
  if (done < wave.size) return 'running';
  return notOk > 0 ? 'failed' : 'ok';
}
