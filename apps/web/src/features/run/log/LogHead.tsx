import { ActionIcon, Button } from '@mantine/core';
import type { HostRun, Run } from '@omanager/contract';
import { IconArrowLeft, IconChevronLeft, IconChevronRight, IconPlayerPlay } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { withKey } from '../../../app/KeyHint.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import layout from '../../../ui/layout.module.css';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { notOkBeside } from '../parts/notOkBeside.ts';
import { replayTexts } from '../replay/texts.ts';
import { duration } from '../servers/duration.ts';
import { serversTexts } from '../servers/texts.ts';
import { bytesText } from './bytesText.ts';
import css from './LogPage.module.css';
import type { LineSource } from './lineSource.ts';
import { logTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** Whose log it is, how that server ended, and the way to the next one that is not OK. */
export function LogHead({
  store,
  run,
  host,
  attempt,
  totals,
}: {
  store: RunStore;
  run: Run;
  host: HostRun | undefined;
  attempt: number;
  totals: LineSource['totals'];
}) {
  const t = useTexts(logTexts);
  const tReplay = useTexts(replayTexts);
  const tServers = useTexts(serversTexts);
  const [, navigate] = useLocation();
  if (!host) return null;
  const go = (by: 1 | -1) => {
    const next = notOkBeside(store, run.total, { from: host.ordinal, by });
    if (next !== null) navigate(`/runs/${run.id}/log/${next}`);
  };
  return (
    <div className={`${layout.bar} ${css.bar}`}>
      {run.total > 1 && (
        <ActionIcon component={Link} href={`/runs/${run.id}/log`} aria-label={t('backToServers')}>
          <IconArrowLeft {...icon} />
        </ActionIcon>
      )}
      <h2 className={css.name} title={safeText(host.name)}>
        {safeText(host.name)}
      </h2>
      <StateLabel state={host.state} />
      {host.exitCode !== null && <span className={css.size}>{tServers('exitCode', { code: host.exitCode })}</span>}
      {host.durationMs !== null && <span className={`${layout.muted} ${css.size}`}>{duration(host.durationMs)}</span>}
      {host.attempt > 1 && <span className={layout.tag}>{t('attempt', { n: attempt })}</span>}
      {host.message && <span className={`${layout.muted} ${layout.cut} ${css.size}`}>{safeText(host.message)}</span>}
      <span className={layout.push} />
      {totals && (
        <span className={`${layout.muted} ${css.size}`}>
          {t('lines', { count: totals.lines })} · {bytesText(totals.bytes)}
        </span>
      )}
      {totals && totals.lines > 0 && (
        <Button
          {...{ component: Link, size: 'xs', leftSection: <IconPlayerPlay {...icon} /> }}
          href={`/runs/${run.id}/log/${host.ordinal}/replay${attempt === host.attempt ? '' : `?attempt=${attempt}`}`}
        >
          {tReplay('replay')}
        </Button>
      )}
      {run.total > 1 && (
        <>
          <ActionIcon
            aria-label={t('previous')}
            title={withKey(t('previous'), 'previousFailed')}
            onClick={() => go(-1)}
          >
            <IconChevronLeft {...icon} />
          </ActionIcon>
          <ActionIcon aria-label={t('next')} title={withKey(t('next'), 'nextFailed')} onClick={() => go(1)}>
            <IconChevronRight {...icon} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}
