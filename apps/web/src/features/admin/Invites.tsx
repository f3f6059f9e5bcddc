import type { Invite } from '@omanager/contract';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { ManagedList } from '../../ui/ManagedList.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { useNow } from '../../ui/now.ts';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { actorTexts } from '../audit/actorTexts.ts';
import { InviteButton } from './InviteButton.tsx';
import { Moment } from './Moment.tsx';
import { adminTexts } from './texts.ts';

const stateOf = (invite: Invite, now: number) =>
  invite.revokedAt !== null
    ? 'revoked'
    : invite.redeemedAt !== null
      ? 'redeemed'
      : Date.parse(invite.expiresAt) < now
        ? 'expired'
        : 'open';
const tones = { revoked: 'muted', redeemed: 'ok', expired: 'muted', open: 'warn' } as const;

export function Invites() {
  const t = useTexts(adminTexts);
  const tActors = useTexts(actorTexts);
  const { client } = useSession();
  const mayWrite = useMay()('access.write');
  const now = useNow(30_000);
  const whom = (invite: Invite) => (invite.userName === null ? t('newUser') : safeText(invite.userName));
  return (
    <ManagedList
      title={t('invites')}
      actions={<InviteButton />}
      name="invites.list"
      ask={(page, signal) => client.call('invites.list', page, { signal })}
      columns={[
        { key: 'whom', title: t('inviteWhom'), width: 'minmax(140px, 1fr)', cell: whom },
        { key: 'role', title: t('role'), width: '150px', cell: ({ role }) => t(role) },
        {
          key: 'state',
          title: t('state'),
          width: '110px',
          cell: (invite) => {
            const state = stateOf(invite, now);
            return <Mark tone={tones[state]}>{t(state)}</Mark>;
          },
        },
        {
          key: 'by',
          title: t('by'),
          phone: 'labelled',
          width: '110px',
          cell: ({ createdBy }) => (createdBy === 'first start' ? tActors('firstStart') : safeText(createdBy)),
        },
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
      ]}
      empty={{ title: t('noInvites'), why: t('noInvitesWhy') }}
      takeAway={{
        word: 'revoke',
        allowed: (invite) => mayWrite && stateOf(invite, now) === 'open',
        dialog: (invite, onClose) => (
          <Confirm
            method="invites.revoke"
            params={{ id: invite.id }}
            refresh={['invites.list']}
            title={t('revokeInvite', { name: whom(invite) })}
            why={t('revokeInviteWhy')}
            onClose={onClose}
          />
        ),
      }}
    />
  );
}
