import type { Plan } from '@omanager/contract';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './Composer.module.css';
import { composerTexts } from './texts.ts';

/** The waves of a plan as a bar and in words. */
export function Waves({ plan: { rollout, parallel, total } }: { plan: Plan }) {
  const t = useTexts(composerTexts);
  const { waves, stopWhen, ask, waitMs } = rollout;
  const words = [
    ...(waves.length > 1 ? [t('waveSizes', { sizes: sizesOf(waves) })] : []),
    t('atOnce', { count: Math.min(parallel, total) }),
    ...(ask && waves.length > 1 ? [t('asks')] : []),
    ...(waitMs === null || waves.length === 1 ? [] : [t('waits', { seconds: Math.round(waitMs / 1000) })]),
    ...(stopWhen?.failed == null ? [] : [t('stopFailed', { count: stopWhen.failed })]),
    ...(stopWhen?.percent == null ? [] : [t('stopPercent', { count: stopWhen.percent })]),
  ];
  return (
    <div className={css.part}>
      <h3>{t('waves', { count: waves.length })}</h3>
      <div className={css.waves} aria-hidden="true">
        {waves.slice(0, 40).map((size, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: waves are their places
          <i key={i} style={{ flexGrow: size }} />
        ))}
      </div>
      <p>{words.join(' · ')}</p>
    </div>
  );
}

const shown = 6;
const sizesOf = (waves: readonly number[]): string =>
  waves.length <= shown ? waves.join(', ') : `${waves.slice(0, shown).join(', ')} …`;
