import { useEffect, useState } from 'react';
import { useSession } from '../data/session.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import css from './ConnectionState.module.css';
import { appTexts } from './texts.ts';

/** Whether there is a connection, as dot and words. */
export function ConnectionState() {
  const t = useTexts(appTexts);
  const { client } = useSession();
  const [state, setState] = useState(client.state);
  useEffect(() => {
    setState(client.state);
    return client.onState(setState);
  }, [client]);
  const words = state.kind === 'open' ? t('connected') : state.kind === 'connecting' ? t('connecting') : t('signedOut');
  return (
    <span className={css.state} data-state={state.kind} role="status">
      <i />
      {words}
    </span>
  );
}
