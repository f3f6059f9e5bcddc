import { Button } from '@mantine/core';
import type { AgentKey } from '@omanager/contract';
import { useState } from 'react';
import { Link } from 'wouter';
import { useRefresh } from '../../../data/calls.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { Confirm } from '../../../ui/Confirm.tsx';
import { ToggleChip } from '../../../ui/filters/FilterChip.tsx';
import { SearchField } from '../../../ui/filters/SearchField.tsx';
import layout from '../../../ui/layout.module.css';
import { ManagedList } from '../../../ui/ManagedList.tsx';
import { Mark } from '../../../ui/Mark.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { Ago } from '../../../ui/Time.tsx';
import { AgentMenu } from './AgentMenu.tsx';
import css from './Agents.module.css';
import { agentTexts } from './texts.ts';

/** Every server's agent by its key: how it does, and whether what it signs still counts. */
export default function Agents() {
  const t = useTexts(agentTexts);
  const { client } = useSession();
  const may = useMay();
  const refresh = useRefresh();
  const [retired, setRetired] = useState(false);
  const [troubled, setTroubled] = useState(false);
  const [host, setHost] = useState('');
  const params = {
    ...(retired ? {} : { current: true }),
    ...(troubled ? { trouble: 'any' as const } : {}),
    ...(host === '' ? {} : { host }),
  };
  const isFiltered = troubled || host !== '';
  const actions = (
    <div className={css.actions}>
      <SearchField label={t('find')} value={host} onChange={setHost} />
      <ToggleChip on={troubled} onClick={() => setTroubled(!troubled)}>
        {t('troubled')}
      </ToggleChip>
      <ToggleChip on={retired} onClick={() => setRetired(!retired)}>
        {t('retiredToo')}
      </ToggleChip>
      {may('run.start') && (
        <Button component={Link} href="/run?module=audit.install">
          {t('install')}
        </Button>
      )}
      <Button onClick={() => void refresh('agents.list')}>{t('refresh')}</Button>
    </div>
  );
  return (
    <ManagedList
      title={t('title')}
      actions={actions}
      name="agents.list"
      params={params}
      ask={(page, signal) => client.call('agents.list', { ...params, ...page, limit: 200 }, { signal })}
      columns={[
        {
          key: 'server',
          title: t('server'),
          width: 'minmax(120px, 1.4fr)',
          cell: ({ hostName }) =>
            hostName === null ? (
              <span className={layout.muted}>{t('serverGone')}</span>
            ) : (
              <Link className={layout.mono} href={`/servers/host/${encodeURIComponent(hostName)}`}>
                {safeText(hostName)}
              </Link>
            ),
        },
        { key: 'state', title: t('state'), width: '140px', cell: (agent) => <State agent={agent} /> },
        {
          key: 'heard',
          title: t('heard'),
          width: '80px',
          phone: 'labelled',
          cell: ({ lastSeenAt }) => (lastSeenAt === null ? t('never') : <Ago at={lastSeenAt} />),
        },
        {
          key: 'heartbeat',
          title: t('heartbeat'),
          width: '80px',
          phone: 'labelled',
          cell: ({ agent }) => (agent?.heartbeatAt ? <Ago at={agent.heartbeatAt} /> : t('never')),
        },
        {
          key: 'lag',
          title: t('lag'),
          width: '60px',
          phone: 'labelled',
          cell: ({ agent }) => <Lasted ms={agent?.lagMs ?? null} />,
        },
        { key: 'spool', title: t('spool'), width: 'minmax(110px, 1.4fr)', phone: 'labelled', cell: Spool },
        {
          key: 'clock',
          title: t('clock'),
          width: '96px',
          phone: 'labelled',
          cell: Clock,
        },
        {
          key: 'version',
          title: t('version'),
          width: '114px',
          phone: 'labelled',
          cell: ({ agent, troubles }) =>
            troubles.includes('outdated') ? (
              <span title={t('outdatedWhy')}>
                <Mark tone="warn">{t('outdated', { version: safeText(agent?.version ?? '') })}</Mark>
              </span>
            ) : (
              safeText(agent?.version ?? '')
            ),
        },
        {
          key: 'address',
          title: t('address'),
          width: 'minmax(80px, 0.8fr)',
          phone: 'hidden',
          cell: ({ agent }) => <span className={layout.mono}>{safeText(agent?.address ?? '')}</span>,
        },
      ]}
      empty={isFiltered ? { title: t('noneSuch') } : { title: t('none'), why: t('noneWhy') }}
      more={({ hostName }) => may('run.start') && hostName !== null && <AgentMenu host={hostName} />}
      takeAway={{
        word: 'revoke',
        allowed: ({ revokedAt }) => revokedAt === null && may('access.write'),
        dialog: ({ id, hostName }, onClose) => (
          <Confirm
            method="agents.revoke"
            params={{ id }}
            refresh={['agents.list']}
            title={t('revokeKey', { name: safeText(hostName ?? t('serverGone')) })}
            why={t('revokeWhy')}
            onClose={onClose}
          />
        ),
      }}
    />
  );
}

function State({ agent: { revokedAt, revokedFor, firstSeenAt, troubles, agent } }: { agent: AgentKey }) {
  const t = useTexts(agentTexts);
  if (revokedAt !== null)
    return <Mark tone="muted">{t(revokedFor === 'operator' || revokedFor === null ? 'revoked' : revokedFor)}</Mark>;
  if (firstSeenAt === null) return <Mark tone={troubles.includes('unheard') ? 'warn' : 'muted'}>{t('waits')}</Mark>;
  if (!agent?.silentSince) return <Mark tone="ok">{t('reporting')}</Mark>;
  return (
    <Mark tone="warn">
      {t('silent')} · <Ago at={agent.silentSince} />
    </Mark>
  );
}

function Lasted({ ms }: { ms: number | null }) {
  const t = useTexts(agentTexts);
  if (ms === null) return null;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return t('seconds', { count: seconds });
  return seconds < 7200
    ? t('minutes', { count: Math.round(seconds / 60) })
    : t('hours', { count: Math.round(seconds / 3600) });
}

function Spool({ agent }: AgentKey) {
  const t = useTexts(agentTexts);
  if (!agent) return null;
  const { waiting, lost, spoolKib: used, spoolBoundKib: bound } = agent;
  const title = used === null || bound === null ? undefined : t('spoolTitle', { used, bound });
  return (
    <span title={title}>
      {waiting !== null && t('records', { count: waiting.toLocaleString() })}{' '}
      {lost !== null && lost > 0 && <Mark tone="warn">{t('lost', { count: lost.toLocaleString() })}</Mark>}
    </span>
  );
}

function Clock({ agent, troubles }: AgentKey) {
  const t = useTexts(agentTexts);
  const seconds = agent?.clockSeconds ?? null;
  if (seconds === null) return null;
  if (!troubles.includes('clock')) return t('clockRight');
  return <Mark tone="warn">{t(seconds > 0 ? 'ahead' : 'behind', { count: Math.abs(seconds) })}</Mark>;
}
