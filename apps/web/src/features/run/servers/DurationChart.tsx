import { Button } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { Run } from '@omanager/contract';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { useCopy } from '../parts/Copied.tsx';
import { useSlow } from '../parts/slow.ts';
import css from './DurationChart.module.css';
import { duration } from './duration.ts';
import { type DurationBar, durationsOf } from './durations.ts';
import { serversTexts } from './texts.ts';

const size = { height: 104, left: 40, top: 6, bottom: 18 };
/** Room for a time below the bars. */
const labelWidth = 56;
const mostNames = 60;

/** How long servers took: each bar is a button that shows who it counts. */
export function DurationChart({ store, run }: { store: RunStore; run: Run }) {
  const t = useTexts(serversTexts);
  const version = useSlow(store.version, 1000);
  const { ref, width } = useElementSize();
  const [chosen, setChosen] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that servers changed
  const found = useMemo(() => durationsOf(store.hosts()), [store, version]);
  if (!found) return null;
  const { bars } = found;
  const top = Math.max(4, ...bars.map(({ ordinals }) => ordinals.length));
  const step = Math.min(48, Math.max(0, width - size.left) / bars.length);
  const base = size.height - size.bottom;
  const y = (count: number) => base - (count / top) * (base - size.top);
  const every = Math.max(1, Math.ceil(labelWidth / Math.max(1, step)));
  const words = ({ fromMs, toMs }: DurationBar) =>
    toMs === null ? t('longerThan', { from: duration(fromMs) }) : t('between', times(fromMs, toMs));
  const shown = bars.find(({ fromMs }) => fromMs === chosen);
  return (
    <figure className={css.chart}>
      <figcaption>
        {t('durations')}
        <span>{t('durationFacts', times(found.medianMs, found.slowestMs))}</span>
      </figcaption>
      <div ref={ref} className={css.plot}>
        <svg width={width} height={size.height} aria-hidden="true">
          {[0, Math.round(top / 2), top].map((count) => (
            <g key={count}>
              <line className={css.grid} x1={size.left} x2={width} y1={y(count)} y2={y(count)} />
              <text x={size.left - 6} y={y(count) + 4} textAnchor="end">
                {count}
              </text>
            </g>
          ))}
          {bars.map(({ fromMs, ok, notOk }, i) => {
            const place = { x: size.left + i * step + 1, width: Math.max(1, step - 2) };
            return (
              <g key={fromMs}>
                <rect className={css.ok} {...place} y={y(ok)} height={base - y(ok)} />
                <rect className={css.bad} {...place} y={y(ok + notOk)} height={base - y(notOk)} />
                {i % every === 0 && (
                  <text x={size.left + i * step} y={size.height - 4}>
                    {duration(fromMs)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
        {bars.map((bar, i) => (
          <button
            key={bar.fromMs}
            type="button"
            className={css.bar}
            style={{ left: size.left + i * step, width: step, height: base }}
            disabled={bar.ordinals.length === 0}
            aria-pressed={bar.fromMs === chosen}
            aria-label={t('barOf', { time: words(bar), ok: bar.ok, notOk: bar.notOk })}
            title={t('barOf', { time: words(bar), ok: bar.ok, notOk: bar.notOk })}
            onClick={() => setChosen(bar.fromMs === chosen ? null : bar.fromMs)}
          />
        ))}
      </div>
      {shown && <Names {...{ store, run, title: words(shown), ordinals: shown.ordinals }} />}
    </figure>
  );
}

/** Who is counted in a bar. */
function Names({
  store,
  run,
  title,
  ordinals,
}: {
  store: RunStore;
  run: Run;
  title: string;
  ordinals: readonly number[];
}) {
  const t = useTexts(serversTexts);
  const copy = useCopy();
  const hosts = ordinals.flatMap((ordinal) => store.host(ordinal) ?? []);
  return (
    <div className={css.names} role="status">
      <p>
        {title} · {t('serversIn', { count: hosts.length })}
        <Button size="xs" onClick={() => copy.names(hosts.map(({ name }) => name))}>
          {t('copyRange')}
        </Button>
      </p>
      <ul>
        {hosts.slice(0, mostNames).map(({ ordinal, name, durationMs }) => (
          <li key={ordinal}>
            <Link href={`/runs/${run.id}/log/${ordinal}`}>{safeText(name)}</Link>{' '}
            <span className={layout.muted}>{duration(durationMs ?? 0)}</span>
          </li>
        ))}
        {hosts.length > mostNames && <li>{t('andMore', { count: hosts.length - mostNames })}</li>}
      </ul>
    </div>
  );
}

const times = (from: number, to: number) => ({ from: duration(from), to: duration(to) });
