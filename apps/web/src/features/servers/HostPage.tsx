import { Link } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { hostAddress } from './addresses.ts';
import { HostPanel } from './HostPanel.tsx';
import { serverTexts } from './texts.ts';

/** A server by its address: for links, and for who wants it beside other documents. */
export function HostPage({ name }: { name: string }) {
  const t = useTexts(serverTexts);
  const title = safeText(name);
  useTab(hostAddress(name), { en: title, zh: title });
  return (
    <>
      <nav className={layout.bar}>
        <Link href="/servers">{t('backToServers')}</Link>
      </nav>
      <HostPanel key={name} name={name} />
    </>
  );
}
