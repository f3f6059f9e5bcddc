import { Button, Modal } from '@mantine/core';
import { compressRanges, type HostRun } from '@omanager/contract';
import { useChange } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { uiTexts } from '../../../ui/texts.ts';
import sheet from '../parts/sheet.module.css';
import { steerTexts } from './texts.ts';

/** Ends what outlived the run on these servers, after they were named. */
export function KillSheet({
  runId,
  hosts,
  onClose,
}: {
  runId: string;
  hosts: readonly HostRun[];
  onClose: () => void;
}) {
  const t = useTexts(steerTexts);
  const tUi = useTexts(uiTexts);
  const kill = useChange('runs.kill');
  return (
    <Modal opened closeOnClickOutside={false} onClose={onClose} title={t('killTitle')}>
      <p className={sheet.range}>{t('killWhat', { range: compressRanges(hosts.map(({ name }) => name)) })}</p>
      {kill.error && <ErrorNote error={kill.error} />}
      <div className={sheet.actions}>
        <Button data-autofocus onClick={onClose}>
          {tUi('cancel')}
        </Button>
        <span className={layout.push} />
        <Button
          {...{ variant: 'filled', color: 'red', loading: kill.isPending }}
          onClick={() =>
            kill.mutate({ runId, hosts: hosts.map(({ ordinal }) => ordinal) }, { onSuccess: () => onClose() })
          }
        >
          {t('killDo')}
        </Button>
      </div>
    </Modal>
  );
}
