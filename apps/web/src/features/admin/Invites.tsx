import { Button } from '@mantine/core';
import type { Invite, User } from '@omanager/contract';
import { useState } from 'react';
import { usePages } from '../../data/pages.ts';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { useNow } from '../../ui/now.ts';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../ui/VirtualTable.tsx';
import css from './Admin.module.css';
import { Confirm } from './Confirm.tsx';
import { InviteForm } from './InviteForm.tsx';
import { Moment } from './Moment.tsx';
import { Mark, Section } from './Section.tsx';
import { adminTexts } from './texts.ts';

const stateOf = (invite: Invite, now: number) =>
  invite.revokedAt !== null
    ? 'revoked'
    : invite.redeemedAt !== null
      ? 'redeemed'
      : Date.parse(invite.expiresAt) < now
        ? 'expired'
        : 'open';

export function Invites({ users }: { users: readonly User[] }) {
  const t = useTexts(adminTexts);
  const { client } = useSession();
  const mayWrite = useMay()('access.write');
  const now = useNow(30_000);
  const [making, setMaking] = useState(false);
  const [gone, setGone] = useState<Invite | null>(null);
  const pages = usePages('invites.list', {}, (page, signal) => client.call('invites.list', page, { signal }));
  const whom = (invite: Invite) => (invite.userName === null ? t('newUser') : safeText(invite.userName));
  const columns: readonly Column<Invite>[] = [
    { key: 'whom', title: t('inviteWhom'), width: 'minmax(140px, 1fr)', cell: whom },
    { key: 'role', title: t('role'), width: '150px', cell: ({ role }) => t(role) },
    {
      key: 'state',
      title: t('state'),
      width: '110px',
      cell: (invite) => {
        const state = stateOf(invite, now);
        return <Mark tone={state === 'open' ? 'warn' : state === 'redeemed' ? 'ok' : 'muted'}>{t(state)}</Mark>;
      },
    },
    { key: 'by', title: t('by'), phone: 'labelled', width: '110px', cell: ({ createdBy }) => safeText(createdBy) },
    {
      key: 'created',
      title: t('created'),
      phone: 'hidden',
      width: '100px',
      cell: ({ createdAt }) => <Ago at={createdAt} />,
    },
    {
      key: 'expires',
      title: t('expires'),
      phone: 'labelled',
      width: '150px',
      cell: ({ expiresAt }) => <Moment at={expiresAt} />,
    },
    {
      key: 'acts',
      title: '',
      width: '110px',
      cell: (invite) =>
        mayWrite &&
        stateOf(invite, now) === 'open' && (
          <div className={css.acts}>
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(invite)}>
              {t('revoke')}
            </Button>
          </div>
        ),
    },
  ];
  return (
    <Section
      title={t('invites')}
      actions={
        mayWrite && (
          <Button variant="filled" onClick={() => setMaking(true)}>
            {t('invite')}
          </Button>
        )
      }
    >
      <VirtualTable
        label={t('invites')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noInvites')}>{t('noInvitesWhy')}</EmptyState>}
      />
      {making && <InviteForm users={users} onClose={() => setMaking(false)} />}
      {gone && (
        <Confirm
          method="invites.revoke"
          params={{ id: gone.id }}
          refresh={['invites.list']}
          title={t('revokeInvite', { name: whom(gone) })}
          why={t('revokeInviteWhy')}
          onClose={() => setGone(null)}
        />
      )}
    </Section>
  );
}
