import type { HostState, Run } from '@omanager/contract';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Link as Anchor, Route, Switch, useLocation, useSearchParams } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useMay } from '../../data/session.tsx';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { useLink } from '../../live/link.ts';
import type { RunStore } from '../../live/runStore.ts';
import { useRun } from '../../live/useRun.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { intoView } from '../../ui/intoView.ts';
import { safeText } from '../../ui/safeText.ts';
import tabsCss from '../../ui/tabs.module.css';
import { Attempts } from './details/Attempts.tsx';
import { Details } from './details/Details.tsx';
import { Timeline } from './details/Timeline.tsx';
import { RetrySheet } from './header/RetrySheet.tsx';
import { RunHeader } from './header/RunHeader.tsx';
import { LogPage } from './log/LogPage.tsx';
import { CopiedNote } from './parts/Copied.tsx';
import css from './RunPage.module.css';
import { ServersAndOutput } from './ServersAndOutput.tsx';
import { runTexts } from './texts.ts';
import { useRunKeys } from './useRunKeys.ts';

const ReplayPage = lazy(() => import('./replay/ReplayPage.tsx'));
const RunCommands = lazy(() => import('./commands/RunCommands.tsx'));

const tabs = [
  { path: '', text: 'tabServers' },
  { path: '/log', text: 'tabLog' },
  { path: '/timeline', text: 'tabTimeline' },
  { path: '/commands', text: 'tabCommands' },
  { path: '/details', text: 'tabDetails' },
  { path: '/attempts', text: 'tabAttempts' },
] as const;

/** One run, followed while it is shown. */
export function RunPage({ runId }: { runId: string }) {
  const t = useTexts(runTexts);
  const link = useLink();
  const may = useMay();
  const { store, run, error } = useRun(runId);
  const [only, setOnly] = useState<HostState | null>(null);
  const [search] = useSearchParams();
  const [retry, setRetry] = useState<{ hosts: readonly number[] | null } | null>(
    search.has('retry') ? { hosts: null } : null,
  );
  const [location, navigate] = useLocation();
  const base = `/runs/${runId}`;
  useTab(base, run ? titleInBoth(run) : { en: '…', zh: '…' });
  const onRetry = (hosts: readonly number[] | null) => setRetry({ hosts });

  // One server has nothing to compare: its log is what one comes for. From there all tabs are open.
  const landed = useRef(false);
  const single = run?.total === 1;
  useEffect(() => {
    if (landed.current || !run) return;
    landed.current = true;
    if (single && location === base) navigate(`${base}/log`, { replace: true });
  }, [run, single, location, base, navigate]);

  if (!run) return error ? <ErrorNote error={error} /> : <p className={css.loading}>{t('loading')}</p>;
  const shown = { store, run, only, onOnly: setOnly };
  return (
    <CopiedNote>
      <RunKeys {...{ store, run, only }} />
      <div className={css.page}>
        <RunHeader {...{ ...shown, link }} reading={location.startsWith(`${base}/log`)} onRetry={() => onRetry(null)} />
        {error && <ErrorNote error={error} />}
        <nav className={tabsCss.strip}>
          {tabs.map(({ path, text }) => {
            if (text === 'tabCommands' && !may('audit.read')) return null;
            const current = path === '' ? location === base : location.startsWith(base + path);
            return (
              <Anchor
                key={path}
                href={base + path}
                aria-current={current ? 'page' : undefined}
                ref={current ? intoView : null}
              >
                {t(text)}
              </Anchor>
            );
          })}
        </nav>
        <div className={css.content} data-stale={!link.up || undefined}>
          <Suspense fallback={<p className={css.loading}>{t('loading')}</p>}>
            <Switch>
              <Route path={base}>
                <ServersAndOutput {...shown} live={link.up} onRetry={onRetry} />
              </Route>
              <Route path={`${base}/log/:ordinal/replay`}>
                {({ ordinal }) => <ReplayPage key={ordinal} {...{ store, run }} ordinal={Number(ordinal)} />}
              </Route>
              <Route path={`${base}/log/:ordinal?`}>
                {({ ordinal }) => <LogPage key={ordinal} {...{ store, run, only }} ordinal={Number(ordinal ?? -1)} />}
              </Route>
              <Route path={`${base}/timeline`}>
                <Timeline {...{ store, run }} />
              </Route>
              <Route path={`${base}/commands`}>
                <RunCommands run={run} />
              </Route>
              <Route path={`${base}/details`}>
                <Details run={run} />
              </Route>
              <Route path={`${base}/attempts/:ordinal?`}>
                {({ ordinal }) => <Attempts key={ordinal} {...{ store, run }} ordinal={Number(ordinal ?? -1)} />}
              </Route>
            </Switch>
          </Suspense>
        </div>
        {retry && (
          <RetrySheet {...{ store, run, hosts: retry.hosts, onRun: store.applyRun }} onClose={() => setRetry(null)} />
        )}
      </div>
    </CopiedNote>
  );
}

/** Within the page, where copying is said. */
function RunKeys({ store, run, only }: { store: RunStore; run: Run; only: HostState | null }) {
  useRunKeys(store, run, only);
  return null;
}

function titleInBoth({ number, module }: Run) {
  const { en, zh } = module.title;
  return titleOf(runTexts, 'title', { number, title: { en: safeText(en), zh: safeText(zh) } });
}
