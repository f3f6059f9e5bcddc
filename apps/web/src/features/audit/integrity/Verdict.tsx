import type { LedgerFinding, LedgerVerdict } from '@omanager/contract';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import css from './Integrity.module.css';
import { One, type Tone } from './One.tsx';
import { integrityTexts } from './texts.ts';

/** The two verdicts, and what is wrong. */
export function Verdict({ verdict }: { verdict: LedgerVerdict }) {
  const t = useTexts(integrityTexts);
  const { intact, complete, keyGiven, blocks, events, unsealed, findings } = verdict;
  const completeness: Record<LedgerVerdict['complete'], Tone> = { yes: 'good', no: 'bad', unknown: 'open' };
  return (
    <section role="status" className={css.verdict}>
      <div className={css.pair}>
        <One tone={intact ? 'good' : 'bad'} word={intact ? t('intact') : t('intactNo')}>
          <p>{intact ? t('intactYesWhy') : t('intactNoWhy')}</p>
        </One>
        <One tone={completeness[complete]} word={t(`complete_${complete}`)}>
          <p>{t(`completeWhy_${complete}`)}</p>
        </One>
      </div>
      <p className={css.held}>
        {t('held', { events, blocks, unsealed })}
        {!keyGiven && ` · ${t('ownKey')}`}
      </p>
      {findings.length > 0 && (
        <>
          <h2 className={css.heading}>{t('findings')}</h2>
          <ol className={css.findings}>
            {findings.map((finding) => (
              <li key={`${finding.block} ${finding.event ?? ''} ${finding.place ?? ''} ${finding.what}`}>
                <Finding finding={finding} />
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Finding({ finding: { block, event, place, what } }: { finding: LedgerFinding }) {
  const t = useTexts(integrityTexts);
  return (
    <>
      <IconAlertTriangle size={16} stroke={1.5} aria-hidden="true" />
      <span>
        {block !== null && t('block', { block })}
        {place !== undefined && `, ${t('place', { place })}`}
        {event !== undefined && (
          <>
            {block !== null && ' · '}
            <code>{safeText(event)}</code>
          </>
        )}
      </span>
      <span>{t(what)}</span>
    </>
  );
}
