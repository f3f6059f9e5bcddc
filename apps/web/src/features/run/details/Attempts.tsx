import type { Run } from '@omanager/contract';
import { Link } from 'wouter';
import { useAnswer } from '../../../data/calls.ts';
import { useLanguage, useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { StateLabel } from '../../../ui/StateLabel.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { fullTime } from '../../../ui/Time.tsx';
import { duration } from '../servers/duration.ts';
import { serversTexts } from '../servers/texts.ts';
import css from './details.module.css';
import { detailTexts } from './texts.ts';

/** So many retried servers are listed; each is also found in the table of servers. */
const most = 500;

/** Which servers ran more than once, and for one of them every attempt with its own result and log. */
export function Attempts({ store, run, ordinal }: { store: RunStore; run: Run; ordinal: number }) {
  const t = useTexts(detailTexts);
  if (ordinal >= 0) return <AttemptsOf {...{ store, run, ordinal }} />;
  const retried = [...store.hosts()].filter(({ attempt }) => attempt > 1);
  return (
    <div className={css.page}>
      <section>
        <h2>{t('attempts')}</h2>
        {retried.length === 0 ? (
          <EmptyState title={t('noRetries')}>{t('noRetriesWhy')}</EmptyState>
        ) : (
          <>
            <p className={layout.muted}>{t('attemptsWhy')}</p>
            <table className={css.table}>
              <tbody>
                {retried.slice(0, most).map((host) => (
                  <tr key={host.ordinal}>
                    <td className={css.mono}>
                      <Link href={`/runs/${run.id}/attempts/${host.ordinal}`}>{safeText(host.name)}</Link>
                    </td>
                    <td>{t('n', { n: host.attempt })}</td>
                    <td>
                      <StateLabel state={host.state} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </section>
    </div>
  );
}

function AttemptsOf({ store, run, ordinal }: { store: RunStore; run: Run; ordinal: number }) {
  const t = useTexts(detailTexts);
  const tServers = useTexts(serversTexts);
  const language = useLanguage();
  const answer = useAnswer('runs.attempts', { runId: run.id, ordinal });
  const name = safeText(store.host(ordinal)?.name ?? '');
  return (
    <div className={css.page}>
      <section>
        <h2>
          <Link href={`/runs/${run.id}/attempts`}>{t('back')}</Link> · {t('attemptsOf', { name })}
        </h2>
        {answer.error && <ErrorNote error={answer.error} onRetry={() => void answer.refetch()} />}
        <table className={css.table}>
          <tbody>
            {answer.data?.items.map((host) => (
              <tr key={host.attempt}>
                <td>{t('n', { n: host.attempt })}</td>
                <td>
                  <StateLabel state={host.state} />
                </td>
                <td>{host.exitCode === null ? '–' : tServers('exitCode', { code: host.exitCode })}</td>
                <td className={css.mono}>{host.durationMs === null ? '–' : duration(host.durationMs)}</td>
                <td>{host.startedAt && fullTime(host.startedAt, language)}</td>
                <td>{safeText(host.message ?? '')}</td>
                <td>
                  <Link href={`/runs/${run.id}/log/${ordinal}?attempt=${host.attempt}`}>{t('showLog')}</Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {answer.data && answer.data.late.length > 0 && (
        <section>
          <h2>{t('late')}</h2>
          <p className={layout.muted}>{t('lateWhy')}</p>
          <table className={css.table}>
            <tbody>
              {answer.data.late.map((late) => (
                <tr key={`${late.attempt} ${late.at}`}>
                  <td>{t('n', { n: late.attempt })}</td>
                  <td>
                    <StateLabel state={late.state} />
                  </td>
                  <td>{fullTime(late.at, language)}</td>
                  <td>
                    {t('worker')} {safeText(late.worker)}
                  </td>
                  <td>{safeText(late.message ?? '')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}
