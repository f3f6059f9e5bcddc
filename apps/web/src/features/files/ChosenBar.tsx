import { Button } from '@mantine/core';
import type { FileEntry } from '@omanager/contract';
import { IconDownload, IconTrash } from '@tabler/icons-react';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './Files.module.css';
import { isFile } from './rows.ts';
import { fileTexts } from './texts.ts';

interface Props {
  chosen: readonly FileEntry[];
  changeable: boolean;
  onDownload: (files: readonly FileEntry[]) => void;
  onRemove: () => void;
  onNone: () => void;
}

/** What can be done to several names at once. */
export function ChosenBar({ chosen, changeable, onDownload, onRemove, onNone }: Props) {
  const t = useTexts(fileTexts);
  const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;
  const files = chosen.filter(isFile);
  return (
    <div className={css.chosen} role="toolbar" aria-label={t('chosen', { count: chosen.length })}>
      <span role="status">{t('chosen', { count: chosen.length })}</span>
      <Button
        disabled={files.length === 0}
        {...(files.length === 0 && { title: t('onlyFiles') })}
        leftSection={<IconDownload {...icon} />}
        onClick={() => onDownload(files)}
      >
        {t('downloadFiles', { count: files.length })}
      </Button>
      <Button disabled={!changeable} leftSection={<IconTrash {...icon} />} onClick={onRemove}>
        {t('removeChosen', { count: chosen.length })}
      </Button>
      <Button variant="subtle" color="gray" onClick={onNone}>
        {t('chooseNone')}
      </Button>
    </div>
  );
}
