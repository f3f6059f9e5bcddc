import type { CheckpointTarget } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { Ago } from '../../../ui/Time.tsx';
import css from './Integrity.module.css';
import { One, type Tone } from './One.tsx';
import { integrityTexts } from './texts.ts';

/** Where checkpoints go, and whether they arrive. */
export function Targets({ targets }: { targets: readonly CheckpointTarget[] }) {
  const t = useTexts(integrityTexts);
  // What is wrong is seen first, also on a phone.
  const ordered = targets.toSorted((a, b) => Number(b.failure !== null) - Number(a.failure !== null));
  return (
    <section className={css.targets} aria-label={t('targets')}>
      <h2 className={css.heading}>{t('targets')}</h2>
      {targets.length === 0 && <p className={layout.muted}>{t('noTargets')}</p>}
      {ordered.map((target) => (
        <Target key={target.kind} target={target} />
      ))}
    </section>
  );
}

function Target({ target }: { target: CheckpointTarget }) {
  const t = useTexts(integrityTexts);
  const { kind, place, receipt, sent, behind, failure } = target;
  const { tone, word } = wordOf(target);
  return (
    <One tone={tone} word={`${t(`target_${kind}`)}: ${t(word)}`}>
      <p className={css.place}>{safeText(place)}</p>
      {failure && (
        <>
          <p>
            {t(`failure_${failure.what}`)} <code>{safeText(failure.detail)}</code>
          </p>
          <p className={layout.muted}>
            {t('failingSince')} <Ago at={failure.since} /> · {t('lastTried')} <Ago at={failure.at} />
          </p>
        </>
      )}
      {!receipt && <p>{t('noReceiptWhy')}</p>}
      <p className={layout.muted}>
        {sent ? (
          <>
            {t('lastSent', { block: sent.block })} · <Ago at={sent.at} />
          </>
        ) : (
          t('notYet')
        )}
        {behind > 0 && ` · ${t('behind', { count: behind })}`}
      </p>
    </One>
  );
}

function wordOf({ receipt, sent, failure }: CheckpointTarget): {
  tone: Tone;
  word: 'failing' | 'notYet' | 'noReceipt' | 'leaving';
} {
  if (failure) return { tone: 'bad', word: 'failing' };
  if (!sent) return { tone: 'open', word: 'notYet' };
  return receipt ? { tone: 'good', word: 'leaving' } : { tone: 'open', word: 'noReceipt' };
}
