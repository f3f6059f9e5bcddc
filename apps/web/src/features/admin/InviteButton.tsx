import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { InviteForm } from './InviteForm.tsx';
import { adminTexts } from './texts.ts';

/** For those who may invite: beside the users and beside the invites. */
export function InviteButton() {
  const t = useTexts(adminTexts);
  const mayWrite = useMay()('access.write');
  const [making, setMaking] = useState(false);
  if (!mayWrite) return null;
  return (
    <>
      <Button variant="filled" onClick={() => setMaking(true)}>
        {t('invite')}
      </Button>
      {making && <InviteForm onClose={() => setMaking(false)} />}
    </>
  );
}
