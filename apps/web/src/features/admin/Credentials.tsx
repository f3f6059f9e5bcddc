import { Button } from '@mantine/core';
import type { Credential } from '@omanager/contract';
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
import { CredentialForm } from './CredentialForm.tsx';
import { Section } from './Section.tsx';
import { adminTexts } from './texts.ts';

type Asked = { kind: 'add' } | { kind: 'replace' | 'remove'; credential: Credential } | null;

/** What servers are signed in to with: names and fingerprints, never a secret. */
export function Credentials() {
  const t = useTexts(adminTexts);
  const { client } = useSession();
  const mayWrite = useMay()('credential.write');
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  const pages = usePages('credentials.list', {}, (page, signal) => client.call('credentials.list', page, { signal }));
  const columns: readonly Column<Credential>[] = [
    {
      key: 'name',
      title: t('name'),
      width: 'minmax(140px, 1fr)',
      cell: ({ name }) => <span className={layout.mono}>{safeText(name)}</span>,
    },
    {
      key: 'kind',
      title: t('kind'),
      width: '190px',
      cell: ({ kind, hasSudoPassword }) => (
        <>
          {t(kind)} {hasSudoPassword && <span className={layout.tag}>{t('sudo')}</span>}
        </>
      ),
    },
    { key: 'version', title: t('version'), phone: 'labelled', width: '64px', cell: ({ version }) => version },
    {
      key: 'print',
      title: t('fingerprint'),
      width: 'minmax(160px, 1.5fr)',
      cell: ({ fingerprint }) =>
        fingerprint !== null && (
          <span className={layout.mono} title={safeText(fingerprint)}>
            {safeText(fingerprint)}
          </span>
        ),
    },
    {
      key: 'servers',
      title: t('servers'),
      phone: 'labelled',
      width: '72px',
      cell: ({ hosts }) => hosts.toLocaleString(),
    },
    {
      key: 'changed',
      title: t('changed'),
      phone: 'labelled',
      width: '100px',
      cell: ({ updatedAt }) => <Ago at={updatedAt} />,
    },
    {
      key: 'acts',
      title: '',
      width: '190px',
      cell: (credential) =>
        mayWrite && (
          <div className={css.acts}>
            <Button size="xs" onClick={() => setAsked({ kind: 'replace', credential })}>
              {t('replace')}
            </Button>
            {credential.hosts === 0 && (
              <Button size="xs" variant="subtle" color="red" onClick={() => setAsked({ kind: 'remove', credential })}>
                {t('remove')}
              </Button>
            )}
          </div>
        ),
    },
  ];
  return (
    <Section
      title={t('credentials')}
      actions={
        mayWrite && (
          <Button variant="filled" onClick={() => setAsked({ kind: 'add' })}>
            {t('addCredential')}
          </Button>
        )
      }
    >
      <VirtualTable
        label={t('credentials')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noCredentials')}>{t('noCredentialsWhy')}</EmptyState>}
      />
      {asked?.kind === 'add' && <CredentialForm replaced={null} onClose={close} />}
      {asked?.kind === 'replace' && <CredentialForm replaced={asked.credential} onClose={close} />}
      {asked?.kind === 'remove' && (
        <Confirm
          method="credentials.remove"
          params={{ name: asked.credential.name }}
          refresh={['credentials.list']}
          title={t('removeCredential', { name: safeText(asked.credential.name) })}
          why={t('removeCredentialWhy')}
          typed={asked.credential.name}
          onClose={close}
        />
      )}
    </Section>
  );
}
