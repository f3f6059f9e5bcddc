import { TextInput } from '@mantine/core';
import type { ChangeName, ParamsIn, QueryName } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../data/calls.ts';
import { useTexts } from '../i18n/useTexts.ts';
import { FormDialog } from './FormDialog.tsx';
import { safeText } from './safeText.ts';
import { uiTexts } from './texts.ts';

interface Props<N extends ChangeName> {
  method: N;
  params: ParamsIn<N>;
  refresh: readonly QueryName[];
  /** Names the thing; it is also what the button says. */
  title: string;
  why: string;
  /** What cannot be undone asks for the name to be typed. */
  typed?: string;
  onClose: () => void;
}

/** Asks before something is taken away. */
export function Confirm<N extends ChangeName>({ method, params, refresh, title, why, typed, onClose }: Props<N>) {
  const t = useTexts(uiTexts);
  const change = useChange(method, { refresh });
  const [text, setText] = useState('');
  return (
    <FormDialog
      danger
      title={title}
      submit={title}
      disabled={typed !== undefined && text !== typed}
      busy={change.isPending}
      error={change.error}
      onSubmit={() => change.mutate(params, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{why}</p>
      {typed !== undefined && (
        <TextInput
          label={t('typeName', { name: safeText(typed) })}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
