import type { UpdateState } from '@omanager/desktop-bridge/page';
import { useEffect, useState } from 'react';
import { useTexts } from '../i18n/useTexts.ts';
import { useDesktop } from './DesktopContext.ts';
import css from './StatusBar.module.css';
import { appTexts } from './texts.ts';

/** In the desktop: a newer version was fetched in silence, and takes the place of this one when somebody says so. */
export function UpdateItem() {
  const t = useTexts(appTexts);
  const desktop = useDesktop();
  const [state, setState] = useState<UpdateState>({ kind: 'none' });
  useEffect(() => {
    if (!desktop) return;
    const undo = desktop.onEvent((event) => {
      if (event.type === 'update') setState(event.state);
    });
    desktop.ask('update.check', {}).then(setState, () => {});
    return undo;
  }, [desktop]);
  if (!desktop) return null;
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
