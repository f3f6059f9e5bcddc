import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { useNow } from '../../ui/now.ts';
import css from './ConnectionStrip.module.css';
import { signInTexts } from './texts.ts';
import { useClientState } from './useClientState.ts';

/** A cut that is over at once is nobody's business. */
const patienceMs = 700;

/** Says that the connection is lost, that nothing on the server is, and when it is tried again. */
export function ConnectionStrip() {
  const { client } = useSession();
  const state = useClientState(client);
  const away = state.kind === 'connecting';
  const [lostAt, setLostAt] = useState<number | null>(null);
  useEffect(() => {
    if (!away) return setLostAt(null);
    const at = Date.now();
    const timer = setTimeout(() => setLostAt(at), patienceMs);
    return () => clearTimeout(timer);
  }, [away]);
  if (state.kind !== 'connecting' || lostAt === null) return null;
  return <Strip lostAt={lostAt} retryAt={state.retryAt} onNow={() => client.retryNow()} />;
}

function Strip({ lostAt, retryAt, onNow }: { lostAt: number; retryAt: number | null; onNow(): void }) {
  const t = useTexts(signInTexts);
  const now = useNow(1000);
  const count = Math.max(1, Math.ceil(((retryAt ?? now) - now) / 1000));
  const time = new Date(lostAt).toTimeString().slice(0, 8);
  return (
    <div className={css.strip}>
      <IconPlugConnectedX size={16} stroke={1.5} aria-hidden="true" />
      <span role="status">
        <b>{t('lost', { time })}</b> · {t('runContinues')}
      </span>
      <span className={css.wait} aria-hidden="true">
        {retryAt === null ? t('retrying') : t('retryIn', { count })}
      </span>
      <button type="button" disabled={retryAt === null} onClick={onNow}>
        {t('now')}
      </button>
    </div>
  );
}
