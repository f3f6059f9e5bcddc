import { Button } from '@mantine/core';
import type { ZoneWorker } from '@omanager/contract';
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
import { Mark, Section } from './Section.tsx';
import { adminTexts } from './texts.ts';
import { WorkerForm } from './WorkerForm.tsx';

const tones = { new: 'muted', connected: 'ok', away: 'warn', revoked: 'muted' } as const;

/** Who runs tasks in zones that OMServer does not reach. */
export function Workers() {
  const t = useTexts(adminTexts);
  const { client } = useSession();
  const mayWrite = useMay()('access.write');
  const [adding, setAdding] = useState(false);
  const [gone, setGone] = useState<ZoneWorker | null>(null);
  const pages = usePages('workers.list', {}, (page, signal) => client.call('workers.list', page, { signal }));
  const columns: readonly Column<ZoneWorker>[] = [
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
    { key: 'hosts', title: t('hosts'), phone: 'labelled', width: '100px', cell: ({ hosts }) => hosts.toLocaleString() },
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
    {
      key: 'acts',
      title: '',
      width: '110px',
      cell: (worker) =>
        mayWrite &&
        worker.state !== 'revoked' && (
          <div className={css.acts}>
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(worker)}>
              {t('revoke')}
            </Button>
          </div>
        ),
    },
  ];
  return (
    <Section
      title={t('workers')}
      actions={
        mayWrite && (
          <Button variant="filled" onClick={() => setAdding(true)}>
            {t('addWorker')}
          </Button>
        )
      }
    >
      <VirtualTable
        label={t('workers')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noWorkers')}>{t('noWorkersWhy')}</EmptyState>}
      />
      {adding && <WorkerForm onClose={() => setAdding(false)} />}
      {gone && (
        <Confirm
          method="workers.revoke"
          params={{ name: gone.name }}
          refresh={['workers.list']}
          title={t('revokeWorker', { name: safeText(gone.name) })}
          why={t('revokeWorkerWhy')}
          typed={gone.name}
          onClose={() => setGone(null)}
        />
      )}
    </Section>
  );
}
