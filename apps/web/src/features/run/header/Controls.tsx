import { ActionIcon, Button, Menu } from '@mantine/core';
import { finalRunStates, type HostRun, type Run } from '@omanager/contract';
import { IconChevronDown, IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useChange } from '../../../data/calls.ts';
import { useMay } from '../../../data/session.tsx';
import { useBlockWords } from '../../../data/useBlockWords.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { Link } from '../../../live/link.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import { Act } from '../parts/Act.tsx';
import css from './Controls.module.css';
import { EndSheet } from './EndSheet.tsx';
import { KillSheet } from './KillSheet.tsx';
import { ShareMenu } from './ShareMenu.tsx';
import { notOkCount, steeringOf, type Why } from './steering.ts';
import { steerTexts } from './texts.ts';
import { useRunAgain } from './useRunAgain.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** Everything that can be done with a run. What cannot be done now says why. */
export function Controls({
  store,
  run,
  link,
  onRetry,
}: {
  store: RunStore;
  run: Run;
  link: Link;
  onRetry: () => void;
}) {
  const t = useTexts(steerTexts);
  const allowed = useMay();
  const [may, mayStart] = [allowed('run.control'), allowed('run.start')];
  const [sheet, setSheet] = useState<'stop' | 'abort' | 'kill' | null>(null);
  const pause = useChange('runs.pause');
  const resume = useChange('runs.resume');
  const probe = useChange('runs.probe');
  const can = steeringOf(run, { may, up: link.up });
  const block = useBlockWords();
  const locked = link.up ? block : null;
  const say = (why: Why | null): string | null => locked ?? (why === null ? null : t(why));
  const over = finalRunStates.has(run.state);
  const held = run.control === 'pause' || run.control === 'pause_after_wave';
  const survivors = over ? survivorsOf(store) : [];
  const take = { onSuccess: (next: Run) => store.applyRun(next) };
  const again = useRunAgain(run);
  const error = again.error ?? pause.error ?? resume.error ?? probe.error;
  const hold = (after: 'now' | 'wave') => pause.mutate({ runId: run.id, after }, take);
  const blocked = may ? (link.up ? locked : t('whyLink')) : t('whyMay');

  const mayStop = say(can.stop) === null;
  const mayRetry = say(can.retry) === null;
  // They open sheets: nothing is stopped or begun by a key.
  useKeys({ stop: () => setSheet('stop') }, { enabled: mayStop });
  useKeys({ retry: onRetry }, { enabled: mayRetry });
  useKeys({ runAgain: again.fill }, { enabled: mayStart && link.up });

  return (
    <>
      <div className={css.controls}>
        {!over && held && (
          <Act
            {...{ why: say(can.resume), leftSection: <IconPlayerPlay {...icon} /> }}
            onClick={() => resume.mutate({ runId: run.id }, take)}
          >
            {t('resume')}
          </Act>
        )}
        {!over && !held && (
          <Button.Group>
            <Act
              {...{ why: say(can.pause), leftSection: <IconPlayerPause {...icon} /> }}
              onClick={() => hold(can.pauseAfterWave === null ? 'wave' : 'now')}
            >
              {t(can.pauseAfterWave === null ? 'pauseAfterWave' : 'pause')}
            </Act>
            {can.pauseAfterWave === null && (
              <More label={t('morePause')}>
                <Menu.Item onClick={() => hold('now')}>{t('pauseNow')}</Menu.Item>
              </More>
            )}
          </Button.Group>
        )}
        {!over && (
          <Button.Group>
            <Act
              {...{ why: say(can.stop), leftSection: <IconPlayerStop {...icon} />, className: css.danger ?? '' }}
              hint={withKey(t('stopMenu'), 'stop')}
              onClick={() => setSheet('stop')}
            >
              {t('stop')}
            </Act>
            <More label={t('moreStop')}>
              <Menu.Item disabled={can.stop !== null} onClick={() => setSheet('stop')}>
                {t('stopMenu')}
              </Menu.Item>
              <Menu.Item disabled={can.abort !== null} className={css.danger ?? ''} onClick={() => setSheet('abort')}>
                {t('abortMenu')}
              </Menu.Item>
            </More>
          </Button.Group>
        )}
        {run.counts.lost > 0 && (
          <Act why={blocked} onClick={() => probe.mutate({ runId: run.id })}>
            {t('probe', { count: run.counts.lost })}
          </Act>
        )}
        {survivors.length > 0 && (
          <Act {...{ why: blocked, className: css.danger ?? '' }} onClick={() => setSheet('kill')}>
            {t('kill', { count: survivors.length })}
          </Act>
        )}
        <Act
          {...{
            why: say(can.retry),
            className: `${css.retry} ${over ? '' : css.later}`,
            variant: can.retry === null ? 'filled' : 'default',
          }}
          hint={withKey(t('retryTitle'), 'retry')}
          onClick={onRetry}
        >
          {t('retry', { count: notOkCount(run.counts) })}
        </Act>
        {over && (
          <Act
            {...{ why: mayStart ? (link.up ? null : t('whyLink')) : t('whyMayStart'), className: css.again ?? '' }}
            {...{ hint: t('againWhy'), loading: again.busy }}
            onClick={again.fill}
          >
            {t('again')}
          </Act>
        )}
        <ShareMenu {...{ store, run }} />
      </div>
      {probe.data && (
        <p className={css.told} role="status">
          {t('probed', { count: probe.data.asked })}
        </p>
      )}
      {error && <ErrorNote error={error} />}
      {(sheet === 'stop' || sheet === 'abort') && (
        <EndSheet {...{ run, how: sheet, onRun: store.applyRun }} onClose={() => setSheet(null)} />
      )}
      {sheet === 'kill' && <KillSheet {...{ runId: run.id, hosts: survivors }} onClose={() => setSheet(null)} />}
    </>
  );
}

function More({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="default" aria-label={label} className={css.more ?? ''}>
          <IconChevronDown {...icon} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

function survivorsOf(store: RunStore): HostRun[] {
  return [...store.hosts()].filter(({ survivors }) => survivors.length > 0);
}
