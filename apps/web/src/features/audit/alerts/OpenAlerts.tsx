import { createContext, type ReactNode, useContext, useState } from 'react';
import { useStream } from '../../../data/calls.ts';
import { useMay } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import css from './OpenAlerts.module.css';
import { openAlertTexts } from './openAlertTexts.ts';

const Open = createContext(0);

/** Knows how many alerts nobody has acknowledged; 0 for who may not see any. */
export function OpenAlertsProvider({ children }: { children: ReactNode }) {
  const may = useMay()('audit.read');
  const [open, setOpen] = useState(0);
  useStream('alerts.open', may ? {} : null, (event) => setOpen(event.open));
  return <Open value={may ? open : 0}>{children}</Open>;
}

/** What a link to the alerts says of them besides its name, or undefined when there are none. */
export function useOpenAlerts(): string | undefined {
  const t = useTexts(openAlertTexts);
  const count = useContext(Open);
  return count === 0 ? undefined : t('openAlerts', { count });
}

/** Their number at such a link, which describes it in words. */
export function OpenAlertsCount() {
  const count = useContext(Open);
  if (count === 0) return null;
  return (
    <b className={css.count} aria-hidden="true">
      {count > 99 ? '99+' : count}
    </b>
  );
}
