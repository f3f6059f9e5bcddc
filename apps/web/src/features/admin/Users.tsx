import { Select } from '@mantine/core';
import { type Role, roles, type User } from '@omanager/contract';
import { useState } from 'react';
import { Link } from 'wouter';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import layout from '../../ui/layout.module.css';
import { ManagedList } from '../../ui/ManagedList.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { userAddress } from '../audit/timeline/timelineRows.ts';
import { InviteButton } from './InviteButton.tsx';
import { adminTexts } from './texts.ts';

const stale = ['users.list', 'devices.list', 'sessions.list', 'tokens.list', 'invites.list'] as const;

export function Users() {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const hasRight = useMay();
  const [mayWrite, mayAudit] = [hasRight('access.write'), hasRight('audit.read')];
  const [asked, setAsked] = useState<{ user: User; role: Role } | null>(null);
  /** Nobody locks themselves out by a slip. */
  const may = (user: User) => mayWrite && !user.disabled && user.id !== who.userId;
  return (
    <>
      <ManagedList
        title={t('users')}
        actions={<InviteButton />}
        name="users.list"
        ask={(page, signal) => client.call('users.list', page, { signal })}
        columns={[
          {
            key: 'name',
            title: t('name'),
            width: 'minmax(140px, 1fr)',
            cell: (user) => (
              <>
                {mayAudit ? <Link href={userAddress(user.name)}>{safeText(user.name)}</Link> : safeText(user.name)}{' '}
                {user.id === who.userId && <span className={layout.tag}>{t('you')}</span>}
              </>
            ),
          },
          {
            key: 'role',
            title: t('role'),
            width: '150px',
            cell: (user) =>
              may(user) ? (
                <Select
                  aria-label={t('roleOf', { name: safeText(user.name) })}
                  data={roles.map((role) => ({ value: role, label: t(role) }))}
                  value={user.role}
                  allowDeselect={false}
                  onChange={(value) => {
                    const role = roles.find((one) => one === value);
                    if (role && role !== user.role) setAsked({ user, role });
                  }}
                />
              ) : (
                <span title={user.id === who.userId ? t('notYourself') : undefined}>{t(user.role)}</span>
              ),
          },
          {
            key: 'factor',
            title: t('factor'),
            phone: 'labelled',
            width: '110px',
            cell: ({ totp }) => <Mark tone={totp ? 'ok' : 'muted'}>{t(totp ? 'on' : 'off')}</Mark>,
          },
          {
            key: 'state',
            title: t('state'),
            width: '100px',
            cell: ({ disabled }) => <Mark tone={disabled ? 'muted' : 'ok'}>{t(disabled ? 'disabled' : 'active')}</Mark>,
          },
          {
            key: 'seen',
            title: t('lastSeen'),
            phone: 'labelled',
            width: '110px',
            cell: ({ lastSeenAt }) => (lastSeenAt === null ? t('never') : <Ago at={lastSeenAt} />),
          },
          {
            key: 'created',
            title: t('created'),
            phone: 'hidden',
            width: '100px',
            cell: ({ createdAt }) => <Ago at={createdAt} />,
          },
        ]}
        empty={{ title: t('noUsers') }}
        takeAway={{
          word: 'remove',
          allowed: may,
          dialog: ({ name }, onClose) => (
            <Confirm
              method="users.remove"
              params={{ name }}
              refresh={stale}
              title={t('removeUser', { name: safeText(name) })}
              why={t('removeUserWhy')}
              typed={name}
              onClose={onClose}
            />
          ),
        }}
      />
      {asked && (
        <Confirm
          method="users.setRole"
          params={{ name: asked.user.name, role: asked.role }}
          refresh={stale}
          title={t('changeRole', { name: safeText(asked.user.name), role: t(asked.role) })}
          why={t('changeRoleWhy')}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}
