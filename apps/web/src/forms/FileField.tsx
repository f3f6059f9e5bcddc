import { Button, FileButton } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '../i18n/useTexts.ts';
import { safeText } from '../ui/safeText.ts';
import css from './ParamForm.module.css';
import { isChosenFile } from './params.ts';
import { formTexts } from './texts.ts';

interface Props {
  id: string;
  value: unknown;
  maxBytes: number;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

/** A file of this computer, read when it is chosen: what the plan freezes is what was read then. */
export function FileField({ id, value, maxBytes, disabled, onChange }: Props) {
  const t = useTexts(formTexts);
  const [tooLarge, setTooLarge] = useState(false);

  async function read(file: File | null): Promise<void> {
    if (!file) return;
    setTooLarge(file.size > maxBytes);
    if (file.size > maxBytes) return;
    onChange({ name: file.name, data: base64(new Uint8Array(await file.arrayBuffer())), size: file.size });
  }

  return (
    <div className={css.file}>
      <FileButton onChange={(file) => void read(file)} disabled={disabled}>
        {(props) => (
          <Button {...props} id={id}>
            {t('chooseFile')}
          </Button>
        )}
      </FileButton>
      {isChosenFile(value) && <span>{t('chosenFile', { name: safeText(value.name), size: value.size })}</span>}
      {tooLarge && <span className={css.error}>{t('fileTooLarge', { size: maxBytes })}</span>}
    </div>
  );
}

/** In pieces: the arguments of a call are bounded. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
