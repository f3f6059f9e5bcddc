import { TextInput } from '@mantine/core';
import type { HostKey, OmError } from '@omanager/contract';
import { useState } from 'react';
import { useAnswer, useChange } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ChangeButton } from '../../ui/ChangeButton.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import css from './HostFacts.module.css';
import { serverTexts } from './texts.ts';
import { afterChange } from './useGroups.ts';

/** The keys that a server showed, and the yes or no of an operator. */
export function HostKeys({ name }: { name: string }) {
  const t = useTexts(serverTexts);
  const keys = useAnswer('hostKeys.list', { host: name, limit: 50 });
  return (
    <div className={css.section}>
      <h3 className={css.caption}>{t('hostKeys')}</h3>
      {keys.error && <ErrorNote error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.items.length === 0 && <p className={css.meta}>{t('noKey')}</p>}
      {keys.data?.items.map((key) => (
        <KeyLine key={key.id} hostKey={key} />
      ))}
    </div>
  );
}

const glyphOf = { trusted: 'ok', pending: 'pending', revoked: 'aborted', changed: 'partly_succeeded' } as const;

function KeyLine({ hostKey }: { hostKey: HostKey }) {
  const t = useTexts(serverTexts);
  const may = useMay();
  const [typed, setTyped] = useState('');
  const trust = useChange('hostKeys.trust', { refresh: afterChange });
  const forget = useChange('hostKeys.remove', { refresh: afterChange });
  const { id, type, fingerprint, seenAt, decidedBy } = hostKey;
  const state = hostKey.state === 'pending' && hostKey.changed ? 'changed' : hostKey.state;
  const error: OmError | null = trust.error ?? forget.error;
  return (
    <div className={css.key}>
      <p className={css.print}>
        {safeText(type)} {safeText(fingerprint)}
      </p>
      <div className={css.line}>
        <span className={css.state} data-state={state}>
          <StateGlyph state={glyphOf[state]} />
          {t(state)}
        </span>
        <span className={css.meta}>
          {decidedBy !== null && `${safeText(decidedBy)} · `}
          <Ago at={seenAt} />
        </span>
      </div>
      {may('hostkey.trust') && (
        <>
          {state === 'changed' && (
            <>
              <p className={css.why}>{t('keyChangedWhy')}</p>
              <TextInput
                aria-label={t('fingerprint')}
                placeholder="SHA256:…"
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
            </>
          )}
          <div className={css.line}>
            {hostKey.state === 'pending' && (
              <ChangeButton
                size="xs"
                loading={trust.isPending}
                disabled={state === 'changed' && typed.trim() === ''}
                onClick={() =>
                  trust.mutate({ ids: [id], ...(state === 'changed' ? { fingerprint: typed.trim() } : {}) })
                }
              >
                {t('trust')}
              </ChangeButton>
            )}
            <ChangeButton
              size="xs"
              variant="subtle"
              color="gray"
              title={t('forgetWhy')}
              loading={forget.isPending}
              onClick={() => forget.mutate({ ids: [id] })}
            >
              {t('forget')}
            </ChangeButton>
          </div>
        </>
      )}
      {error && <ErrorNote error={error} />}
    </div>
  );
}
