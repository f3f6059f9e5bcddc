import type { OmError } from '@omanager/contract';
import { useState } from 'react';
import { asOmError, useRefresh } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { safeText } from '../../ui/safeText.ts';
import css from './Files.module.css';
import { fileTexts } from './texts.ts';

interface Props {
  of: { host: string; confirm?: string };
  paths: readonly string[];
  onClose: () => void;
}

const mostNamed = 20;

/** One after another; at the first that cannot be removed it stops, and says which are left. */
export function RemoveSeveral({ of, paths, onClose }: Props) {
  const t = useTexts(fileTexts);
  const { client } = useSession();
  const refresh = useRefresh();
  const [done, setDone] = useState(0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<OmError | null>(null);
  const left = paths.slice(done);
  async function remove(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      for (const [index, path] of left.entries()) {
        await client.call('files.remove', { ...of, path });
        setDone(done + index + 1);
      }
      onClose();
    } catch (cause) {
      setError(asOmError(cause));
    } finally {
      setBusy(false);
      void refresh('files.list');
    }
  }
  return (
    <FormDialog
      danger
      title={t('removeSeveral', { count: left.length, host: safeText(of.host) })}
      submit={t('remove')}
      busy={busy}
      error={error}
      onSubmit={() => void remove()}
      onClose={onClose}
    >
      <ul className={css.paths}>
        {left.slice(0, mostNamed).map((path) => (
          <li key={path}>{safeText(path)}</li>
        ))}
        {left.length > mostNamed && <li>{t('andMore', { count: left.length - mostNamed })}</li>}
      </ul>
      <p>{t('removeSeveralWhy')}</p>
      {done > 0 && <p role="status">{t('removedSome', { done, count: paths.length })}</p>}
    </FormDialog>
  );
}
