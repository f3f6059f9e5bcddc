import { Button, Select } from '@mantine/core';
import { type Role, roles, type User } from '@omanager/contract';
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
import { Invites } from './Invites.tsx';
import { Mark, Section } from './Section.tsx';
import { adminTexts } from './texts.ts';

type Asked = { kind: 'role'; user: User; role: Role } | { kind: 'remove'; user: User } | null;
const stale = ['users.list', 'devices.list', 'sessions.list', 'tokens.list'] as const;

export function Users() {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const mayWrite = useMay()('access.write');
  const [asked, setAsked] = useState<Asked>(null);
  const pages = usePages('users.list', {}, (page, signal) => client.call('users.list', page, { signal }));
  const close = () => setAsked(null);
  /** Nobody locks themselves out by a slip. */
  const may = (user: User) => mayWrite && !user.disabled && user.id !== who.userId;
  const columns: readonly Column<User>[] = [
    {
      key: 'name',
      title: t('name'),
      width: 'minmax(140px, 1fr)',
      cell: (user) => (
        <>
          {safeText(user.name)} {user.id === who.userId && <span className={layout.tag}>{t('you')}</span>}
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
              if (role && role !== user.role) setAsked({ kind: 'role', user, role });
            }}
          />
        ) : (
          t(user.role)
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
    {
      key: 'acts',
      title: '',
      width: '110px',
      cell: (user) =>
        may(user) && (
          <div className={css.acts}>
            <Button size="xs" variant="subtle" color="red" onClick={() => setAsked({ kind: 'remove', user })}>
              {t('remove')}
            </Button>
          </div>
        ),
    },
  ];
  return (
    <>
      <Section title={t('users')}>
        <VirtualTable
          label={t('users')}
          columns={columns}
          pages={pages}
          idOf={({ id }) => id}
          empty={<EmptyState title={t('noUsers')} />}
        />
      </Section>
      <Invites users={pages.items} />
      {asked?.kind === 'role' && (
        <Confirm
          method="users.setRole"
          params={{ name: asked.user.name, role: asked.role }}
          refresh={stale}
          title={t('changeRole', { name: safeText(asked.user.name), role: t(asked.role) })}
          why={t('changeRoleWhy')}
          onClose={close}
        />
      )}
      {asked?.kind === 'remove' && (
        <Confirm
          method="users.remove"
          params={{ name: asked.user.name }}
          refresh={stale}
          title={t('removeUser', { name: safeText(asked.user.name) })}
          why={t('removeUserWhy')}
          typed={asked.user.name}
          onClose={close}
        />
      )}
    </>
  );
}
