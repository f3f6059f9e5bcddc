import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { isProduction, type OmError, type Plan, type Run } from '@omanager/contract';
import { useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { asOmError, useRefresh } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { EnvironmentChip } from '../../ui/EnvironmentChip.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { RiskChip } from '../../ui/RiskChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import css from './Composer.module.css';
import { composerTexts } from './texts.ts';

interface Props {
  plan: Plan;
  onStarted: (run: Run) => void;
  onClose: () => void;
  /** The plan no longer holds. */
  onChanged: () => void;
}

const leastReason = 10;

/**
 * What stands before a dangerous run: the words to type, the reason to give. The server asks for the same, so nothing
 * passes it by another way. One gate is one run, however often its button is pressed.
 */
export function Gate({ plan, onStarted, onClose, onChanged }: Props) {
  const t = useTexts(composerTexts);
  const title = useTitle();
  const { gate } = plan;
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const start = useStart(plan, { onStarted, onChanged });
  if (gate.kind === 'none') return null;
  const asksReason = gate.kind === 'confirm' && gate.reason;
  const ready =
    (gate.kind === 'agree' || typed.trim() === gate.phrase) && (!asksReason || reason.trim().length >= leastReason);
  return (
    // The second click of a double one falls beside it.
    <Modal opened closeOnClickOutside={false} onClose={onClose} title={t('gateTitle', { count: plan.total })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) start.go({ confirm: gate.phrase, ...(asksReason ? { reason: reason.trim() } : {}) });
        }}
      >
        <p className={css.gateWhat}>
          <b>{safeText(title(plan.module.title))}</b> <RiskChip risk={plan.module.risk} />
          {Object.entries(plan.environments).map(([name, count]) => (
            <span key={name}>
              <EnvironmentChip environment={name} /> {count}
            </span>
          ))}
        </p>
        {Object.keys(plan.environments).length > 1 && Object.keys(plan.environments).some(isProduction) && (
          <p className={css.warning}>{t('includesProduction')}</p>
        )}
        {gate.kind === 'agree' ? (
          <p>{t('gateAgree', { count: plan.total })}</p>
        ) : (
          <TextInput
            data-autofocus
            label={t('gatePhrase', { phrase: gate.phrase })}
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {asksReason && (
          <Textarea
            mt="sm"
            label={t('gateReason')}
            autosize
            minRows={2}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {start.error && <ErrorNote error={start.error} />}
        <div className={css.actions}>
          {/* Enter, right after the sheet came up, is no yes. */}
          <Button onClick={onClose} data-autofocus={gate.kind === 'agree' || undefined}>
            {t('gateCancel')}
          </Button>
          <Button
            type="submit"
            variant="filled"
            {...(gate.kind === 'confirm' && { color: 'red' })}
            disabled={!ready || start.busy}
            loading={start.busy}
          >
            {t('runOn', { count: plan.total })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Starts a plan once: the run's id is made with the first press and stays. */
export function useStart(plan: Plan | null, { onStarted, onChanged }: Pick<Props, 'onStarted' | 'onChanged'>) {
  const { client } = useSession();
  const refresh = useRefresh();
  const runIds = useRef(new Map<string, string>());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<OmError | null>(null);

  async function begin(gate: { confirm?: string; reason?: string }): Promise<void> {
    if (!plan || busy) return;
    const runId = runIds.current.get(plan.id) ?? uuid();
    runIds.current.set(plan.id, runId);
    setBusy(true);
    setError(null);
    try {
      const run = await client.call('runs.start', { planId: plan.id, digest: plan.digest, runId, ...gate });
      await refresh('runs.list', 'modules.usage');
      onStarted(run);
    } catch (cause) {
      const failure = asOmError(cause);
      if (failure.code === 'PLAN_CHANGED' || failure.code === 'PLAN_EXPIRED') onChanged();
      setError(failure);
    } finally {
      setBusy(false);
    }
  }

  return { go: (gate: { confirm?: string; reason?: string }) => void begin(gate), busy, error };
}
