import { Button } from '@mantine/core';
import type { ResultOf } from '@omanager/contract';
import { useState } from 'react';
import { Link } from 'wouter';
import { useRefresh } from '../../../data/calls.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { Confirm } from '../../../ui/Confirm.tsx';
import { ToggleChip } from '../../../ui/filters/FilterChip.tsx';
import layout from '../../../ui/layout.module.css';
import { ManagedList } from '../../../ui/ManagedList.tsx';
import { Mark } from '../../../ui/Mark.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { Ago } from '../../../ui/Time.tsx';
import { AgentMenu } from './AgentMenu.tsx';
import css from './Agents.module.css';
import { agentTexts } from './texts.ts';

type Agent = ResultOf<'agents.list'>['items'][number];

/** A clock is told of as wrong from here on; the server believes it up to five minutes. */
const clockRightSeconds = 5;

/** Every server's agent by its key: how it does, and whether what it signs still counts. */
export default function Agents() {
  const t = useTexts(agentTexts);
  const { client } = useSession();
  const may = useMay();
  const refresh = useRefresh();
  const [retired, setRetired] = useState(false);
  const params = retired ? {} : { current: true };
  const actions = (
    <div className={css.actions}>
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
        { key: 'state', title: t('state'), width: '150px', cell: (agent) => <State agent={agent} /> },
        {
          key: 'heard',
          title: t('heard'),
          width: '96px',
          phone: 'labelled',
          cell: ({ lastSeenAt }) => (lastSeenAt === null ? t('never') : <Ago at={lastSeenAt} />),
        },
        {
          key: 'heartbeat',
          title: t('heartbeat'),
          width: '96px',
          phone: 'labelled',
          cell: ({ agent }) => (agent?.heartbeatAt ? <Ago at={agent.heartbeatAt} /> : t('never')),
        },
        {
          key: 'lag',
          title: t('lag'),
          width: '80px',
          phone: 'labelled',
          cell: ({ agent }) => <Lasted ms={agent?.lagMs ?? null} />,
        },
        { key: 'spool', title: t('spool'), width: 'minmax(96px, 1fr)', phone: 'labelled', cell: Spool },
        {
          key: 'clock',
          title: t('clock'),
          width: '96px',
          phone: 'labelled',
          cell: ({ agent }) => <Clock seconds={agent?.clockSeconds ?? null} />,
        },
        {
          key: 'version',
          title: t('version'),
          width: '64px',
          phone: 'labelled',
          cell: ({ agent }) => safeText(agent?.version ?? ''),
        },
        {
          key: 'address',
          title: t('address'),
          width: 'minmax(96px, 1fr)',
          phone: 'hidden',
          cell: ({ agent }) => <span className={layout.mono}>{safeText(agent?.address ?? '')}</span>,
        },
      ]}
      empty={{ title: t('none'), why: t('noneWhy') }}
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

function State({ agent: { revokedAt, revokedFor, firstSeenAt, agent } }: { agent: Agent }) {
  const t = useTexts(agentTexts);
  if (revokedAt !== null)
    return <Mark tone="muted">{t(revokedFor === 'operator' || revokedFor === null ? 'revoked' : revokedFor)}</Mark>;
  if (firstSeenAt === null) return <Mark tone="muted">{t('waits')}</Mark>;
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

function Spool({ agent }: Agent) {
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

function Clock({ seconds }: { seconds: number | null }) {
  const t = useTexts(agentTexts);
  if (seconds === null) return null;
  if (Math.abs(seconds) <= clockRightSeconds) return t('clockRight');
  return <Mark tone="warn">{t(seconds > 0 ? 'ahead' : 'behind', { count: Math.abs(seconds) })}</Mark>;
}
