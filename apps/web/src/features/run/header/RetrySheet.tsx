import { Button, Checkbox, Modal, Switch, TextInput } from '@mantine/core';
import { compressRanges, type HostState, type OmError, type Run } from '@omanager/contract';
import { useEffect, useRef, useState } from 'react';
import { useChange } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { RiskChip } from '../../../ui/RiskChip.tsx';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { uiTexts } from '../../../ui/texts.ts';
import sheet from '../parts/sheet.module.css';
import { notOkStates } from './steering.ts';
import { steerTexts } from './texts.ts';

/**
 * Which servers are retried, and what the module's risk asks for. What must be typed is the server's to say: it refuses
 * the first try with the words, and starts nothing.
 */
export function RetrySheet({
  store,
  run,
  hosts,
  onRun,
  onClose,
}: {
  store: RunStore;
  run: Run;
  /** Only these ordinals; null: all that are not OK. */
  hosts: readonly number[] | null;
  onRun: (run: Run) => void;
  onClose: () => void;
}) {
  const t = useTexts(steerTexts);
  const tUi = useTexts(uiTexts);
  const counts = countsOf(store, run, hosts);
  const there = notOkStates.filter((state) => (counts.get(state) ?? 0) > 0);
  const [states, setStates] = useState<readonly HostState[]>(there);
  const [force, setForce] = useState(false);
  const [phrase, setPhrase] = useState<string | null>(null);
  const [confirm, setConfirm] = useState('');
  const [askReason, setAskReason] = useState(false);
  const [reason, setReason] = useState('');
  const retry = useChange('runs.retry');
  const total = states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
  const ready =
    total > 0 && (phrase === null || confirm.trim() === phrase) && (!askReason || reason.trim().length >= 10);
  const agrees = run.module.risk === 'change';
  const asks = retry.error?.code === 'CONFIRM_REQUIRED' || retry.error?.code === 'REASON_REQUIRED';

  // Enter, held or pressed again, is no yes to what the server has just asked for.
  const cancel = useRef<HTMLButtonElement>(null);
  const words = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (phrase !== null) (agrees ? cancel : words).current?.focus();
  }, [phrase, agrees]);

  function choose(state: HostState, chosen: boolean): void {
    setStates(chosen ? [...states, state] : states.filter((other) => other !== state));
    setPhrase(null);
    setConfirm('');
  }

  function onSuccess(next: Run): void {
    onRun(next);
    onClose();
  }

  function onError(error: OmError): void {
    const words = error.details?.phrase;
    if (error.code === 'CONFIRM_REQUIRED' && typeof words === 'string') {
      setPhrase(words);
      // Where a yes is enough, the words are shown, and the next press is the yes.
      if (error.details?.kind === 'agree') setConfirm(words);
      setAskReason(run.module.risk === 'destructive');
    } else if (error.code === 'REASON_REQUIRED') setAskReason(true);
  }

  return (
    <Modal opened closeOnClickOutside={false} onClose={onClose} title={t('retryTitle')} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const gate = { ...(phrase !== null && { confirm: confirm.trim() }), ...(reason.trim() && { reason }) };
          retry.mutate(
            { runId: run.id, states: [...states], force, ...(hosts && { hosts: [...hosts] }), ...gate },
            { onSuccess, onError },
          );
        }}
      >
        <p className={sheet.lead}>
          <RiskChip risk={run.module.risk} />
          <span>{t('retrySame')}</span>
        </p>
        {hosts && (
          <p className={sheet.note}>
            {t('retryHosts', { range: compressRanges(hosts.flatMap((at) => store.host(at)?.name ?? [])) })}
          </p>
        )}
        <fieldset className={sheet.group}>
          <legend>{t('retryWhich')}</legend>
          {there.map((state) => (
            <Checkbox
              key={state}
              checked={states.includes(state)}
              onChange={(event) => choose(state, event.currentTarget.checked)}
              label={<StateLabel state={state} count={counts.get(state) ?? 0} />}
            />
          ))}
        </fieldset>
        {states.includes('lost') && (
          <>
            <p className={sheet.note}>{t('retryLost')}</p>
            <Switch checked={force} onChange={(event) => setForce(event.currentTarget.checked)} label={t('force')} />
          </>
        )}
        {phrase !== null && agrees && <p className={sheet.note}>{t('agreePhrase', { phrase })}</p>}
        {phrase !== null && !agrees && (
          <>
            <p className={sheet.note}>{t('confirmPhrase', { risk: tUi(run.module.risk), phrase })}</p>
            <TextInput
              {...{ ref: words, label: t('phrase'), value: confirm, autoComplete: 'off' }}
              onChange={(event) => setConfirm(event.currentTarget.value)}
            />
          </>
        )}
        {askReason && (
          <TextInput
            {...{ mt: 'sm', label: t('reason'), value: reason }}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {retry.error && !asks && <ErrorNote error={retry.error} />}
        <div className={sheet.actions}>
          <Button ref={cancel} data-autofocus onClick={onClose}>
            {tUi('cancel')}
          </Button>
          <span className={layout.push} />
          <Button
            {...{ type: 'submit', variant: 'filled', disabled: !ready, loading: retry.isPending }}
            onClick={(event) => {
              // The second click of a double one.
              if (event.detail > 1) event.preventDefault();
            }}
          >
            {phrase === null && (run.module.risk === 'disruptive' || run.module.risk === 'destructive')
              ? t('continue')
              : t('retryServers', { count: total })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function countsOf(store: RunStore, run: Run, hosts: readonly number[] | null): ReadonlyMap<HostState, number> {
  const counts = new Map<HostState, number>();
  if (hosts === null) {
    for (const state of notOkStates) counts.set(state, run.counts[state]);
    return counts;
  }
  for (const at of hosts) {
    const state = store.host(at)?.state;
    if (state) counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}
