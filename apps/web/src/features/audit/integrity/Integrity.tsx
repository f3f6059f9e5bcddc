import { Button, CopyButton, Progress, Textarea, TextInput } from '@mantine/core';
import type { LedgerState } from '@omanager/contract';
import { useState } from 'react';
import { useAnswer } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { Ago } from '../../../ui/Time.tsx';
import css from './Integrity.module.css';
import { Targets } from './Targets.tsx';
import { integrityTexts } from './texts.ts';
import { useVerification } from './useVerification.ts';
import { Verdict } from './Verdict.tsx';

/** Whether the audit is as it was written: the ledger's state, and verifying all of it. */
export function Integrity() {
  const t = useTexts(integrityTexts);
  const state = useAnswer('ledger.state', {});
  const [publicKey, setPublicKey] = useState('');
  const [checkpoints, setCheckpoints] = useState('');
  const { verification, verify } = useVerification();
  const start = () =>
    verify({
      ...(publicKey.trim() !== '' && { publicKey: publicKey.trim() }),
      ...(checkpoints.trim() !== '' && { checkpoints }),
    });
  return (
    <div className={layout.scroll}>
      <div className={css.page}>
        <p>{t('about')}</p>
        {state.error && <ErrorNote error={state.error} onRetry={() => void state.refetch()} />}
        {state.data && <State state={state.data} />}
        {state.data && <Targets targets={state.data.targets} />}
        <TextInput
          label={t('givenKey')}
          description={t('givenKeyHint')}
          maxLength={100}
          spellCheck={false}
          value={publicKey}
          onChange={(event) => setPublicKey(event.currentTarget.value)}
        />
        <Textarea
          label={t('checkpoints')}
          description={t('checkpointsHint')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={1_000_000}
          spellCheck={false}
          value={checkpoints}
          onChange={(event) => setCheckpoints(event.currentTarget.value)}
        />
        <div className={css.acts}>
          <Button variant="filled" disabled={verification.kind === 'running'} onClick={start}>
            {t('verify')}
          </Button>
          {verification.kind === 'running' && (
            <>
              <Button onClick={verification.stop}>{t('stop')}</Button>
              <Progress
                className={css.progress}
                aria-label={t('verify')}
                value={verification.of === 0 ? 0 : (100 * verification.blocks) / verification.of}
              />
              <span>{t('progress', { blocks: verification.blocks, of: verification.of })}</span>
            </>
          )}
        </div>
        {verification.kind === 'failed' && <ErrorNote error={verification.error} />}
        {verification.kind === 'done' && <Verdict verdict={verification.verdict} />}
      </div>
    </div>
  );
}

function State({ state: { publicKey, newest, unsealed } }: { state: LedgerState }) {
  const t = useTexts(integrityTexts);
  return (
    <dl className={css.state}>
      <dt>{t('newest')}</dt>
      <dd>
        {newest ? (
          <>
            {newest.block} · <Ago at={newest.sealedAt} />
          </>
        ) : (
          t('newestNone')
        )}
      </dd>
      <dt>{t('unsealed')}</dt>
      <dd>{unsealed}</dd>
      {publicKey !== null && (
        <>
          <dt>{t('publicKey')}</dt>
          <dd>
            <code className={css.key}>{publicKey}</code>
            <CopyButton value={publicKey}>
              {({ copied, copy }) => <Button onClick={copy}>{copied ? t('copied') : t('copy')}</Button>}
            </CopyButton>
            <span className={layout.muted}>{t('keyHint')}</span>
          </dd>
        </>
      )}
    </dl>
  );
}
