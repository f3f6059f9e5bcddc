import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import layout from '../../ui/layout.module.css';
import { ManagedList } from '../../ui/ManagedList.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import css from './Admin.module.css';
import { adminTexts } from './texts.ts';
import { useMine } from './useMine.tsx';

/** What people sign in with: one's own, or everybody's. */
export function Devices() {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const writesAll = useMay()('access.write');
  const { mine, toggle } = useMine();
  return (
    <ManagedList
      title={t('devices')}
      actions={toggle}
      name="devices.list"
      params={{ mine }}
      ask={(page, signal) => client.call('devices.list', { ...page, mine }, { signal })}
      columns={[
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
          width: 'minmax(160px, 3fr)',
          cell: ({ fingerprint }) => <span className={`${layout.mono} ${css.whole}`}>{safeText(fingerprint)}</span>,
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
      ]}
      empty={{ title: t('noDevices') }}
      takeAway={{
        word: 'revoke',
        allowed: ({ revokedAt, userId }) => revokedAt === null && (writesAll || userId === who.userId),
        dialog: (device, onClose) => (
          <Confirm
            method="devices.revoke"
            params={{ id: device.id }}
            refresh={['devices.list', 'sessions.list']}
            title={t('revokeDevice', { name: safeText(device.name) })}
            why={t('revokeDeviceWhy')}
            typed={device.name}
            onClose={onClose}
          />
        ),
      }}
    />
  );
}
