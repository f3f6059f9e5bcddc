import type { Permission } from '@omanager/contract';
import type { ComponentType } from 'react';
import { Link, Redirect, useRoute } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useMay } from '../../data/session.tsx';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { intoView } from '../../ui/intoView.ts';
import layout from '../../ui/layout.module.css';
import css from './Admin.module.css';
import { Credentials } from './Credentials.tsx';
import { Devices } from './Devices.tsx';
import { Invites } from './Invites.tsx';
import { Sessions } from './Sessions.tsx';
import { Tokens } from './Tokens.tsx';
import { adminTexts } from './texts.ts';
import { Users } from './Users.tsx';
import { useLiveLists } from './useLiveLists.ts';
import { Workers } from './Workers.tsx';

interface SectionEntry {
  readonly name: 'users' | 'invites' | 'devices' | 'sessions' | 'tokens' | 'credentials' | 'workers';
  readonly permission: Permission;
  readonly view: ComponentType;
}

/** Devices, sessions and tokens are everybody's: what is listed there is one's own unless one may read all. */
const sections: readonly SectionEntry[] = [
  { name: 'users', permission: 'access.read', view: Users },
  { name: 'invites', permission: 'access.read', view: Invites },
  { name: 'devices', permission: 'self', view: Devices },
  { name: 'sessions', permission: 'self', view: Sessions },
  { name: 'tokens', permission: 'self', view: Tokens },
  { name: 'credentials', permission: 'credential.read', view: Credentials },
  { name: 'workers', permission: 'worker.read', view: Workers },
];

/** Who may do what, and with which keys. */
export default function Page() {
  const t = useTexts(adminTexts);
  const may = useMay();
  const [, params] = useRoute('/admin/:section?');
  useTab('/admin', titleOf(adminTexts, 'title'));
  useLiveLists();
  const open = sections.filter(({ permission }) => may(permission));
  const section = open.find(({ name }) => name === params?.section);
  const first = open[0];
  if (!section && first && params?.section === undefined) return <Redirect to={`/admin/${first.name}`} replace />;
  if (params?.section === 'zones') return <Redirect to="/servers/zones" replace />;
  const View = section?.view;
  return (
    <div className={`${layout.columns} ${css.columns}`}>
      <div className={`${layout.column} ${layout.side}`}>
        <div className={`${layout.bar} ${css.title}`}>
          <h1>{t('title')}</h1>
        </div>
        <nav className={css.nav} aria-label={t('sections')}>
          {open.map(({ name }) => (
            <Link
              key={name}
              href={`/admin/${name}`}
              aria-current={name === section?.name ? 'page' : undefined}
              ref={name === section?.name ? intoView : null}
            >
              {t(name)}
            </Link>
          ))}
          {may('inventory.read') && <Link href="/servers/zones">{t('zones')}</Link>}
        </nav>
      </div>
      <div className={`${layout.column} ${layout.grow}`}>
        {View ? <View /> : <EmptyState title={t('nothing')}>{t('nothingWhy')}</EmptyState>}
      </div>
    </div>
  );
}
