import { Switch } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { adminTexts } from './texts.ts';

/** Whether a list shows everybody's or only one's own, and the switch for those who may choose. */
export function useMine() {
  const t = useTexts(adminTexts);
  const readsAll = useMay()('access.read');
  const [only, setOnly] = useState(false);
  return {
    mine: !readsAll || only,
    toggle: readsAll && (
      <Switch label={t('mine')} checked={only} onChange={(event) => setOnly(event.currentTarget.checked)} />
    ),
  };
}
