import { Button, Switch } from '@mantine/core';
import type { Token } from '@omanager/contract';
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
import { Moment } from './Moment.tsx';
import { Mark, Section } from './Section.tsx';
import { TokenForm } from './TokenForm.tsx';
import { adminTexts } from './texts.ts';

/** What programs sign in with: one's own, or everybody's. */
export function Tokens() {
  const t = useTexts(adminTexts);
  const { client, who } = useSession();
  const may = useMay();
  const now = useNow(30_000);
  const [mine, setMine] = useState(!may('access.read'));
  const [making, setMaking] = useState(false);
  const [gone, setGone] = useState<Token | null>(null);
  const pages = usePages('tokens.list', { mine }, (page, signal) =>
    client.call('tokens.list', { ...page, mine }, { signal }),
  );
  const stateOf = (token: Token) =>
    token.revokedAt !== null ? 'revoked' : Date.parse(token.expiresAt) < now ? 'expired' : 'active';
  const columns: readonly Column<Token>[] = [
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
    {
      key: 'acts',
      title: '',
      width: '110px',
      cell: (token) =>
        stateOf(token) === 'active' &&
        (may('access.write') || token.userId === who.userId) && (
          <div className={css.acts}>
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(token)}>
              {t('revoke')}
            </Button>
          </div>
        ),
    },
  ];
  return (
    <Section
      title={t('tokens')}
      actions={
        <>
          {may('access.read') && (
            <Switch label={t('mine')} checked={mine} onChange={(event) => setMine(event.currentTarget.checked)} />
          )}
          <Button variant="filled" onClick={() => setMaking(true)}>
            {t('createToken')}
          </Button>
        </>
      }
    >
      <VirtualTable
        label={t('tokens')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noTokens')}>{t('noTokensWhy')}</EmptyState>}
      />
      {making && <TokenForm onClose={() => setMaking(false)} />}
      {gone && (
        <Confirm
          method="tokens.revoke"
          params={{ id: gone.id }}
          refresh={['tokens.list']}
          title={t('revokeToken', { name: safeText(gone.name) })}
          why={t('revokeTokenWhy')}
          typed={gone.name}
          onClose={() => setGone(null)}
        />
      )}
    </Section>
  );
}
