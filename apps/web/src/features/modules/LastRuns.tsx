import { Link } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { uiTexts } from '../../ui/texts.ts';
import css from './Detail.module.css';
import { moduleTexts } from './texts.ts';

const shownRuns = 20;

/** The newest runs of a module. */
export function LastRuns({ id }: { id: string }) {
  const t = useTexts(moduleTexts);
  const ui = useTexts(uiTexts);
  const { data, error, refetch, isPlaceholderData } = useAnswer('runs.list', { module: id, limit: shownRuns });
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data || isPlaceholderData) return <EmptyState title={ui('loading')} />;
  if (data.items.length === 0) return <EmptyState title={t('noRuns')}>{t('noRunsWhy')}</EmptyState>;
  return (
    <div className={css.reading}>
      <div className={css.wrap}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t('run')}</th>
              <th scope="col">{t('state')}</th>
              <th scope="col">{t('servers')}</th>
              <th scope="col">{t('version')}</th>
              <th scope="col">{t('by')}</th>
              <th scope="col">{t('when')}</th>
              <th scope="col">{t('target')}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(({ id: run, number, state, counts, total, module, startedBy, createdAt, selector }) => (
              <tr key={run}>
                <td className={layout.mono}>
                  <Link href={`/runs/${run}`} className={css.link}>
                    #{number}
                  </Link>
                </td>
                <td>
                  <StateLabel state={state} />
                </td>
                <td className={`${layout.mono} ${css.narrow}`}>
                  {counts.ok}/{total}
                </td>
                <td className={layout.mono}>{safeText(module.version)}</td>
                <td className={css.narrow}>{safeText(startedBy)}</td>
                <td className={css.narrow}>
                  <Ago at={createdAt} />
                </td>
                <td className={`${layout.mono} ${css.wide}`}>{safeText(selector.slice(0, 200))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
