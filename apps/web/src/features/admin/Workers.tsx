import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMay, useSession } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import layout from '../../ui/layout.module.css';
import { ManagedList } from '../../ui/ManagedList.tsx';
import { Mark } from '../../ui/Mark.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { adminTexts } from './texts.ts';
import { WorkerForm } from './WorkerForm.tsx';

const tones = { new: 'muted', connected: 'ok', away: 'warn', revoked: 'muted' } as const;

/** Who runs tasks in zones that OMServer does not reach. */
export function Workers() {
  const t = useTexts(adminTexts);
  const { client } = useSession();
  const mayWrite = useMay()('access.write');
  const [adding, setAdding] = useState(false);
  const actions = mayWrite && (
    <Button variant="filled" onClick={() => setAdding(true)}>
      {t('addWorker')}
    </Button>
  );
  return (
    <>
      <ManagedList
        title={t('workers')}
        actions={actions}
        name="workers.list"
        ask={(page, signal) => client.call('workers.list', page, { signal })}
        columns={[
          {
            key: 'name',
            title: t('name'),
            width: 'minmax(140px, 1fr)',
            cell: ({ name }) => <span className={layout.mono}>{safeText(name)}</span>,
          },
          { key: 'zone', title: t('zone'), phone: 'labelled', width: '120px', cell: ({ zone }) => safeText(zone) },
          {
            key: 'state',
            title: t('state'),
            width: '160px',
            cell: ({ state }) => <Mark tone={tones[state]}>{t(state)}</Mark>,
          },
          {
            key: 'hosts',
            title: t('hosts'),
            phone: 'labelled',
            width: '100px',
            cell: ({ hosts }) => hosts.toLocaleString(),
          },
          {
            key: 'address',
            title: t('address'),
            width: 'minmax(120px, 1fr)',
            cell: ({ address }) => address !== null && <span className={layout.mono}>{safeText(address)}</span>,
          },
          {
            key: 'version',
            title: t('version'),
            phone: 'labelled',
            width: '80px',
            cell: ({ version }) => version !== null && safeText(version),
          },
          {
            key: 'seen',
            title: t('lastSeen'),
            phone: 'labelled',
            width: '110px',
            cell: ({ lastSeenAt }) => (lastSeenAt === null ? t('never') : <Ago at={lastSeenAt} />),
          },
        ]}
        empty={{ title: t('noWorkers'), why: t('noWorkersWhy') }}
        takeAway={{
          word: 'revoke',
          allowed: ({ state }) => mayWrite && state !== 'revoked',
          dialog: ({ name }, onClose) => (
            <Confirm
              method="workers.revoke"
              params={{ name }}
              refresh={['workers.list']}
              title={t('revokeWorker', { name: safeText(name) })}
              why={t('revokeWorkerWhy')}
              typed={name}
              onClose={onClose}
            />
          ),
        }}
      />
      {adding && <WorkerForm onClose={() => setAdding(false)} />}
    </>
  );
}
