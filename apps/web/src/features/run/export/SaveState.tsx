import { Button } from '@mantine/core';
import type { Run } from '@omanager/contract';
import { mostBytes } from '@omanager/run-files';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { bytesText } from '../log/bytesText.ts';
import { exportTexts } from './texts.ts';
import type { SaveRun } from './useSaveRun.ts';

/** How far saving is, and what came of it when that is not the whole file. */
export function SaveState({ run, saving }: { run: Run; saving: SaveRun }) {
  const t = useTexts(exportTexts);
  return (
    <>
      {saving.progress && (
        <Button size="xs" title={t('stop')} onClick={saving.stop}>
          {t('saving', { ...saving.progress })} ×
        </Button>
      )}
      {saving.cut && (
        <span role="status" className={layout.muted}>
          {t('wasCut', { size: bytesText(mostBytes), number: run.number })}
        </span>
      )}
      {saving.error && <ErrorNote error={saving.error} />}
    </>
  );
}
