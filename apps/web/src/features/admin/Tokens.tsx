import { Button } from '@mantine/core';
import type { Token } from '@omanager/contract';
import { useState } from 'react';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { ManagedList } from '../../ui/ManagedList.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { useNow } from '../../ui/now.ts';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { Moment } from './Moment.tsx';
import { TokenForm } from './TokenForm.tsx';
import { adminTexts } from './texts.ts';
import { useMine } from './useMine.tsx';

/** What programs sign in with: one's own, or everybody's. */
export function Tokens() {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const writesAll = useMay()('access.write');
  const now = useNow(30_000);
  const { mine, toggle } = useMine();
  const [making, setMaking] = useState(false);
  const stateOf = (token: Token) =>
    token.revokedAt !== null ? 'revoked' : Date.parse(token.expiresAt) < now ? 'expired' : 'active';
  const actions = (
    <>
      {toggle}
      <Button variant="filled" onClick={() => setMaking(true)}>
        {t('createToken')}
      </Button>
    </>
  );
  return (
    <>
      <ManagedList
        title={t('tokens')}
        actions={actions}
        name="tokens.list"
        params={{ mine }}
        ask={(page, signal) => client.call('tokens.list', { ...page, mine }, { signal })}
        columns={[
          { key: 'name', title: t('name'), width: 'minmax(140px, 1fr)', cell: ({ name }) => safeText(name) },
          { key: 'user', title: t('user'), width: '120px', cell: ({ userName }) => safeText(userName) },
          { key: 'role', title: t('role'), width: '110px', cell: ({ role }) => t(role) },
          {
            key: 'state',
            title: t('state'),
            width: '100px',
            cell: (token) => {
              const state = stateOf(token);
              return <Mark tone={state === 'active' ? 'ok' : 'muted'}>{t(state)}</Mark>;
            },
          },
          {
            key: 'expires',
            title: t('expires'),
            phone: 'labelled',
            width: '150px',
            cell: ({ expiresAt }) => <Moment at={expiresAt} />,
          },
          {
            key: 'used',
            title: t('lastUsed'),
            phone: 'labelled',
            width: '110px',
            cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('never') : <Ago at={lastUsedAt} />),
          },
        ]}
        empty={{ title: t('noTokens'), why: t('noTokensWhy') }}
        takeAway={{
          word: 'revoke',
          allowed: (token) => stateOf(token) === 'active' && (writesAll || token.userId === who.userId),
          dialog: (token, onClose) => (
            <Confirm
              method="tokens.revoke"
              params={{ id: token.id }}
              refresh={['tokens.list']}
              title={t('revokeToken', { name: safeText(token.name) })}
              why={t('revokeTokenWhy')}
              typed={token.name}
              onClose={onClose}
            />
          ),
        }}
      />
      {making && <TokenForm onClose={() => setMaking(false)} />}
    </>
  );
}
