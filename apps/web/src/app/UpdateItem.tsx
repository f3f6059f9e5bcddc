import type { UpdateState } from '@omanager/desktop-bridge/page';
import { useEffect, useState } from 'react';
import { useAnswer } from '../data/calls.ts';
import { useTexts } from '../i18n/useTexts.ts';
import type { Desktop } from '../session/desktopPort.ts';
import { useDesktop } from './DesktopContext.ts';
import css from './StatusBar.module.css';
import { appTexts } from './texts.ts';

/** A newer version: in the desktop it was fetched in silence, and takes the place of this one when somebody says so. */
export function UpdateItem() {
  const desktop = useDesktop();
  return desktop ? <OfDesktop desktop={desktop} /> : <OfPage />;
}

/** The server is of another version than when this page was loaded: so is the page that it has now. */
function OfPage() {
  const t = useTexts(appTexts);
  const { data } = useAnswer('system.info', {});
  const [first, setFirst] = useState<string | null>(null);
  if (data && first === null) setFirst(data.version);
  if (!data || first === null || first === data.version) return null;
  return (
    <button type="button" className={css.update} onClick={() => location.reload()}>
      {t('reloadToUpdate')}
    </button>
  );
}

function OfDesktop({ desktop }: { desktop: Desktop }) {
  const t = useTexts(appTexts);
  const [state, setState] = useState<UpdateState>({ kind: 'none' });
  useEffect(() => {
    const undo = desktop.onEvent((event) => {
      if (event.type === 'update') setState(event.state);
    });
    desktop.ask('update.check', {}).then(setState, () => {});
    return undo;
  }, [desktop]);
  switch (state.kind) {
    case 'none':
    case 'failed':
      return null;
    case 'loading':
      return <span>{t('updateLoading', { version: state.version })}</span>;
    case 'waiting':
      return <span>{t('updateWaiting', { version: state.version })}</span>;
    case 'ready':
      return (
        <button
          type="button"
          className={css.update}
          onClick={() => desktop.ask('update.install', {}).then(setState, () => {})}
        >
          {t('updateReady', { version: state.version })}
        </button>
      );
  }
}
