import { Button } from '@mantine/core';
import type { Credential } from '@omanager/contract';
import { useState } from 'react';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import layout from '../../ui/layout.module.css';
import { ManagedList } from '../../ui/ManagedList.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { CredentialForm } from './CredentialForm.tsx';
import { adminTexts } from './texts.ts';

/** What servers are signed in to with: names and fingerprints, never a secret. */
export function Credentials() {
  const t = useTexts(adminTexts);
  const { client } = useSession();
  const mayWrite = useMay()('credential.write');
  const [asked, setAsked] = useState<{ replaced: Credential | null } | null>(null);
  const actions = mayWrite && (
    <Button variant="filled" onClick={() => setAsked({ replaced: null })}>
      {t('addCredential')}
    </Button>
  );
  return (
    <>
      <ManagedList
        title={t('credentials')}
        actions={actions}
        name="credentials.list"
        ask={(page, signal) => client.call('credentials.list', page, { signal })}
        columns={[
          {
            key: 'name',
            title: t('name'),
            width: 'minmax(120px, 1fr)',
            cell: ({ name }) => <span className={layout.mono}>{safeText(name)}</span>,
          },
          {
            key: 'kind',
            title: t('kind'),
            width: '160px',
            cell: ({ kind, hasSudoPassword }) => (
              <>
                {t(kind)} {hasSudoPassword && <span className={layout.tag}>{t('sudo')}</span>}
              </>
            ),
          },
          { key: 'version', title: t('version'), phone: 'labelled', width: '56px', cell: ({ version }) => version },
          {
            key: 'print',
            title: t('fingerprint'),
            width: 'minmax(120px, 3fr)',
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
            width: '64px',
            cell: ({ hosts }) => hosts.toLocaleString(),
          },
          {
            key: 'changed',
            title: t('changed'),
            phone: 'labelled',
            width: '92px',
            cell: ({ updatedAt }) => <Ago at={updatedAt} />,
          },
        ]}
        empty={{ title: t('noCredentials'), why: t('noCredentialsWhy') }}
        more={(credential) =>
          mayWrite && (
            <Button size="xs" onClick={() => setAsked({ replaced: credential })}>
              {t('replace')}
            </Button>
          )
        }
        takeAway={{
          word: 'remove',
          allowed: ({ hosts }) => mayWrite && hosts === 0,
          dialog: ({ name }, onClose) => (
            <Confirm
              method="credentials.remove"
              params={{ name }}
              refresh={['credentials.list']}
              title={t('removeCredential', { name: safeText(name) })}
              why={t('removeCredentialWhy')}
              typed={name}
              onClose={onClose}
            />
          ),
        }}
      />
      {asked && <CredentialForm replaced={asked.replaced} onClose={() => setAsked(null)} />}
    </>
  );
}
