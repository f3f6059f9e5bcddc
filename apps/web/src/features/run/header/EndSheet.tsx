import { Button, Modal, NumberInput } from '@mantine/core';
import type { Run } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { uiTexts } from '../../../ui/texts.ts';
import sheet from '../parts/sheet.module.css';
import { busyCount } from './steering.ts';
import { steerTexts } from './texts.ts';

/** What stopping or aborting will do, in words, before it is done. */
export function EndSheet({
  run,
  how,
  onRun,
  onClose,
}: {
  run: Run;
  how: 'stop' | 'abort';
  onRun: (run: Run) => void;
  onClose: () => void;
}) {
  const t = useTexts(steerTexts);
  const tUi = useTexts(uiTexts);
  const stop = useChange('runs.stop');
  const abort = useChange('runs.abort');
  const [seconds, setSeconds] = useState(10);
  const done = {
    onSuccess(next: Run) {
      onRun(next);
      onClose();
    },
  };
  const error = stop.error ?? abort.error;
  return (
    <Modal opened closeOnClickOutside={false} onClose={onClose} title={t(how === 'stop' ? 'stopTitle' : 'abortTitle')}>
      <p>{t('wontStart', { count: run.counts.pending })}</p>
      <p>
        {how === 'stop'
          ? t('runningFinish', { count: busyCount(run.counts) })
          : t('runningEnd', { count: busyCount(run.counts), seconds })}
      </p>
      {how === 'abort' && (
        <NumberInput
          {...{ mt: 'md', label: t('grace'), min: 0, max: 600, allowDecimal: false, value: seconds }}
          onChange={(value) => setSeconds(typeof value === 'number' ? value : 10)}
        />
      )}
      {error && <ErrorNote error={error} />}
      <div className={sheet.actions}>
        <Button data-autofocus onClick={onClose}>
          {tUi('cancel')}
        </Button>
        <span className={layout.push} />
        <Button
          variant="filled"
          color="red"
          loading={stop.isPending || abort.isPending}
          onClick={() =>
            how === 'stop'
              ? stop.mutate({ runId: run.id }, done)
              : abort.mutate({ runId: run.id, graceMs: seconds * 1000 }, done)
          }
        >
          {t(how)}
        </Button>
      </div>
    </Modal>
  );
}
