import type { Run } from '@omanager/contract';
import { useMemo } from 'react';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { clockTime } from '../parts/clockTime.ts';
import { momentsOf } from '../parts/moments.ts';
import { useSlow } from '../parts/slow.ts';
import css from './RateChart.module.css';
import { rateOf } from './rate.ts';
import { serversTexts } from './texts.ts';

/** Room for a time of day. */
const labelWidth = 72;
const size = { width: 516, height: 88, bottom: 16 };
const digitWidth = 7;
/** Waves nearer to each other than this are one line: more would be a smear. */
const waveGap = 12;
/** Above the bars, where waves are named. */
const lane = 14;

/** How many servers finished in each 10 seconds (or longer steps), those not OK on top; the same as a table. */
export function RateChart({ store, run }: { store: RunStore; run: Run }) {
  const t = useTexts(serversTexts);
  const language = useLanguage();
  const version = useSlow(store.version, 1000);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that servers changed
  const { rate, waves } = useMemo(
    () => ({
      rate: rateOf(store.hosts()),
      waves: momentsOf(run, store.hosts()).filter((moment) => moment.kind === 'wave' && moment.wave > 1),
    }),
    [store, version],
  );
  if (!rate) return null;
  const top = Math.max(4, ...rate.bars.map(({ ok, notOk }) => ok + notOk));
  const axis = Math.max(28, String(top).length * digitWidth + 8);
  const slots = Math.max(rate.bars.length, 12);
  const step = (size.width - axis) / slots;
  const above = waves.length > 0 ? lane : 0;
  const height = size.height + above;
  const tall = size.height - size.bottom - 6;
  const y = (count: number) => height - size.bottom - (count / top) * tall;
  const every = Math.ceil(labelWidth / step);
  const from = rate.bars[0]?.at ?? 0;
  const xOf = (at: string) => axis + Math.max(0, (Date.parse(at) - from) / rate.stepMs) * step;
  return (
    <figure className={css.chart}>
      <figcaption>
        {t('rate', { seconds: rate.stepMs / 1000 })}
        <span>{t('perMinute', { count: rate.perMinute })}</span>
      </figcaption>
      <svg viewBox={`0 0 ${size.width} ${height}`} aria-hidden="true">
        {[0, Math.round(top / 2), top].map((count) => (
          <g key={count}>
            <line className={css.grid} x1={axis} x2={size.width} y1={y(count)} y2={y(count)} />
            <text x={axis - 6} y={y(count) + 4} textAnchor="end">
              {count}
            </text>
          </g>
        ))}
        {rate.bars.map(({ at, ok, notOk }, i) => (
          <g key={at}>
            <rect className={css.ok} x={axis + i * step + 1} width={step - 2} y={y(ok)} height={y(0) - y(ok)} />
            <rect
              className={css.bad}
              x={axis + i * step + 1}
              width={step - 2}
              y={y(ok + notOk)}
              height={y(0) - y(notOk)}
            />
            {i % every === 0 && (
              <text x={axis + i * step} y={height - 3}>
                {clockTime(at, language)}
              </text>
            )}
          </g>
        ))}
        {waves.map((moment, i) => {
          const x = xOf(moment.at);
          const before = waves[i - 1];
          const gap = before === undefined ? Number.POSITIVE_INFINITY : x - xOf(before.at);
          if (gap < waveGap) return null;
          const room = gap > labelWidth;
          const left = x + labelWidth > size.width;
          return (
            <g key={moment.at}>
              <line className={css.wave} x1={x} x2={x} y1={2} y2={y(0)} />
              <text x={left ? x - 4 : x + 4} y={10} textAnchor={left ? 'end' : 'start'}>
                {room && moment.kind === 'wave' && t('wave', { n: moment.wave })}
              </text>
            </g>
          );
        })}
      </svg>
      <table className={css.twin}>
        <caption>{t('rateTable')}</caption>
        <thead>
          <tr>
            <th>{t('from')}</th>
            <th>{t('ok')}</th>
            <th>{t('others')}</th>
          </tr>
        </thead>
        <tbody>
          {rate.bars.map(({ at, ok, notOk }) => (
            <tr key={at}>
              <td>{clockTime(at, language)}</td>
              <td>{ok}</td>
              <td>{notOk}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
