import { Button } from '@mantine/core';
import type { AlertRuleDraft, OmError, ResultOf } from '@omanager/contract';
import { useEffect, useRef, useState } from 'react';
import { asOmError } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import { momentOf } from '../moment.ts';
import css from './Alerts.module.css';
import { usePatternFault } from './patternFault.ts';
import { alertTexts } from './texts.ts';

type Found = ResultOf<'alerts.testRule'>;

const mostShown = 20;

interface Props {
  draft: AlertRuleDraft | null;
  onRefused: (error: OmError) => void;
}

/** Shows what a rule would have found in the last days. What was found before the rule was changed is not shown any more. */
export function TryRule({ draft, onRefused }: Props) {
  const t = useTexts(alertTexts);
  const faultOf = usePatternFault();
  const { client } = useSession();
  const key = JSON.stringify(draft);
  const [tried, setTried] = useState<{ key: string; found: Found | null; error: OmError | null } | null>(null);
  const [busy, setBusy] = useState(false);
  const stop = useRef(new AbortController());
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);
  function look(): void {
    if (draft === null) return;
    setBusy(true);
    client
      .call('alerts.testRule', { rule: draft, limit: 200 }, { signal: stop.current.signal })
      .then(
        (found) => setTried({ key, found, error: null }),
        (reason: unknown) => {
          const error = asOmError(reason);
          setTried({ key, found: null, error });
          onRefused(error);
        },
      )
      .finally(() => setBusy(false));
  }
  const shown = tried?.key === key ? tried : null;
  return (
    <div>
      <Button onClick={look} disabled={draft === null} loading={busy}>
        {t('tryIt')}
      </Button>
      <div role="status">
        {shown?.error && faultOf(shown.error) === null && <p className={css.error}>{safeText(shown.error.message)}</p>}
        {shown?.found && <Matches found={shown.found} />}
      </div>
    </div>
  );
}

function Matches({ found: { items, looked, searchedTo } }: { found: Found }) {
  const t = useTexts(alertTexts);
  const language = useLanguage();
  return (
    <>
      <p>
        {t('tried', { count: items.length, looked: looked.toLocaleString() })}{' '}
        {searchedTo !== null && t('triedBack', { moment: fullTime(searchedTo, language) })}
      </p>
      {items.length > 0 && (
        <ul className={css.found}>
          {items.slice(0, mostShown).map(({ id, at, user, claimedUser, hostName, text }) => (
            <li key={id}>
              {momentOf(at)} {safeText(`${user || claimedUser}@${hostName}`)} {safeText(text.slice(0, 300))}
            </li>
          ))}
          {items.length > mostShown && <li>{t('triedMore', { count: items.length - mostShown })}</li>}
        </ul>
      )}
    </>
  );
}
