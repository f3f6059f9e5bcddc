import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import layout from '../../ui/layout.module.css';
import { ManagedList } from '../../ui/ManagedList.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { Moment } from './Moment.tsx';
import { adminTexts } from './texts.ts';
import { useMine } from './useMine.tsx';

/** Where people are signed in now: oneself, or everybody. */
export function Sessions() {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const writesAll = useMay()('access.write');
  const { mine, toggle } = useMine();
  return (
    <ManagedList
      title={t('sessions')}
      actions={toggle}
      name="sessions.list"
      params={{ mine }}
      ask={(page, signal) => client.call('sessions.list', { ...page, mine }, { signal })}
      columns={[
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
      ]}
      empty={{ title: t('noSessions') }}
      takeAway={{
        word: 'end',
        allowed: ({ userId }) => writesAll || userId === who.userId,
        dialog: (session, onClose) => (
          <Confirm
            method="sessions.revoke"
            params={{ id: session.id }}
            refresh={['sessions.list']}
            title={t('endSession', { user: safeText(session.userName), name: safeText(session.deviceName) })}
            why={t('endSessionWhy')}
            onClose={onClose}
          />
        ),
      }}
    />
  );
}
