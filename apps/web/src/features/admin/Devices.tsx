import { Button, Switch } from '@mantine/core';
import type { Device, Session } from '@omanager/contract';
import { useState } from 'react';
import { usePages } from '../../data/pages.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';
import css from './Admin.module.css';
import { Confirm } from './Confirm.tsx';
import { Moment } from './Moment.tsx';
import { Mark, Section } from './Section.tsx';
import { adminTexts } from './texts.ts';

/** What people sign in with, and where they are signed in: one's own, or everybody's. */
export function Devices() {
  const t = useTexts(adminTexts);
  const readsAll = useMay()('access.read');
  const [mine, setMine] = useState(!readsAll);
  const toggle = readsAll && (
    <Switch label={t('mine')} checked={mine} onChange={(event) => setMine(event.currentTarget.checked)} />
  );
  return (
    <>
      <DeviceList mine={mine} actions={toggle} />
      <SessionList mine={mine} />
    </>
  );
}

function DeviceList({ mine, actions }: { mine: boolean; actions: React.ReactNode }) {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const writesAll = useMay()('access.write');
  const [gone, setGone] = useState<Device | null>(null);
  const pages = usePages('devices.list', { mine }, (page, signal) =>
    client.call('devices.list', { ...page, mine }, { signal }),
  );
  const columns: readonly Column<Device>[] = [
    {
      key: 'name',
      title: t('device'),
      width: 'minmax(160px, 1fr)',
      cell: (device) => (
        <>
          {safeText(device.name)} {device.id === who.deviceId && <span className={layout.tag}>{t('thisOne')}</span>}
        </>
      ),
    },
    { key: 'user', title: t('user'), width: '120px', cell: ({ userName }) => safeText(userName) },
    {
      key: 'print',
      title: t('fingerprint'),
      width: 'minmax(160px, 1.5fr)',
      cell: ({ fingerprint }) => (
        <span className={layout.mono} title={safeText(fingerprint)}>
          {safeText(fingerprint)}
        </span>
      ),
    },
    {
      key: 'state',
      title: t('state'),
      width: '100px',
      cell: ({ revokedAt }) => (
        <Mark tone={revokedAt === null ? 'ok' : 'muted'}>{t(revokedAt === null ? 'active' : 'revoked')}</Mark>
      ),
    },
    {
      key: 'seen',
      title: t('lastSeen'),
      phone: 'labelled',
      width: '110px',
      cell: ({ lastSeenAt }) => (lastSeenAt === null ? t('never') : <Ago at={lastSeenAt} />),
    },
    {
      key: 'acts',
      title: '',
      width: '110px',
      cell: (device) =>
        device.revokedAt === null &&
        (writesAll || device.userId === who.userId) && (
          <div className={css.acts}>
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(device)}>
              {t('revoke')}
            </Button>
          </div>
        ),
    },
  ];
  return (
    <Section title={t('devicesOnly')} actions={actions}>
      <VirtualTable
        label={t('devicesOnly')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noDevices')} />}
      />
      {gone && (
        <Confirm
          method="devices.revoke"
          params={{ id: gone.id }}
          refresh={['devices.list', 'sessions.list']}
          title={t('revokeDevice', { name: safeText(gone.name) })}
          why={t('revokeDeviceWhy')}
          typed={gone.name}
          onClose={() => setGone(null)}
        />
      )}
    </Section>
  );
}

function SessionList({ mine }: { mine: boolean }) {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const writesAll = useMay()('access.write');
  const [gone, setGone] = useState<Session | null>(null);
  const pages = usePages('sessions.list', { mine }, (page, signal) =>
    client.call('sessions.list', { ...page, mine }, { signal }),
  );
  const columns: readonly Column<Session>[] = [
    {
      key: 'device',
      title: t('device'),
      width: 'minmax(160px, 1fr)',
      cell: (session) => (
        <>
          {safeText(session.deviceName)}{' '}
          {session.id === who.sessionId && <span className={layout.tag}>{t('thisOne')}</span>}
        </>
      ),
    },
    { key: 'user', title: t('user'), width: '120px', cell: ({ userName }) => safeText(userName) },
    {
      key: 'address',
      title: t('address'),
      width: 'minmax(160px, 1.5fr)',
      cell: ({ address }) => <span className={layout.mono}>{safeText(address)}</span>,
    },
    {
      key: 'expires',
      title: t('expires'),
      phone: 'labelled',
      width: '150px',
      cell: ({ expiresAt }) => <Moment at={expiresAt} />,
    },
    {
      key: 'seen',
      title: t('lastSeen'),
      phone: 'labelled',
      width: '110px',
      cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} />,
    },
    {
      key: 'acts',
      title: '',
      width: '110px',
      cell: (session) =>
        (writesAll || session.userId === who.userId) && (
          <div className={css.acts}>
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(session)}>
              {t('end')}
            </Button>
          </div>
        ),
    },
  ];
  return (
    <Section title={t('sessions')}>
      <VirtualTable
        label={t('sessions')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noSessions')} />}
      />
      {gone && (
        <Confirm
          method="sessions.revoke"
          params={{ id: gone.id }}
          refresh={['sessions.list']}
          title={t('endSession', { user: safeText(gone.userName), name: safeText(gone.deviceName) })}
          why={t('endSessionWhy')}
          onClose={() => setGone(null)}
        />
      )}
    </Section>
  );
}
