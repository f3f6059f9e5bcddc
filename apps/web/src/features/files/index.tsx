import { Link, useLocation, useRoute, useSearch } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { safeText } from '../../ui/safeText.ts';
import { FilesPane } from './FilesPane.tsx';
import { fileTexts } from './texts.ts';

export default function Page() {
  const [, params] = useRoute('/files/:host');
  return params ? <OfServer key={params.host} host={params.host} /> : <Nothing />;
}

function Nothing() {
  const t = useTexts(fileTexts);
  return (
    <EmptyState title={t('none')} action={<Link href="/servers">{t('servers')}</Link>}>
      {t('noneWhy')}
    </EmptyState>
  );
}

/** The folder stands in the address, so that back is back. */
function OfServer({ host }: { host: string }) {
  const at = `/files/${encodeURIComponent(host)}`;
  const path = new URLSearchParams(useSearch()).get('path');
  const [, navigate] = useLocation();
  useTab(at, titleOf(fileTexts, 'title', { host: safeText(host) }));
  return (
    <FilesPane
      {...{ host, path }}
      onPath={(to) => navigate(to === null ? at : `${at}?${new URLSearchParams({ path: to })}`)}
    />
  );
}
