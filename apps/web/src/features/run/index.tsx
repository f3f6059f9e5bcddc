import { Redirect, useLocation, useParams } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import css from './RunPage.module.css';
import { RunPage } from './RunPage.tsx';
import { runTexts } from './texts.ts';

/** `/runs/:id`: the id of a run, or its number, which a person types. */
export default function Page() {
  const { id = '' } = useParams();
  return /^\d+$/.test(id) ? <ByNumber key={id} number={Number(id)} /> : <RunPage key={id} runId={id} />;
}

function ByNumber({ number }: { number: number }) {
  const t = useTexts(runTexts);
  const [location] = useLocation();
  const run = useAnswer('runs.get', { runId: number });
  if (run.data) return <Redirect to={location.replace(String(number), run.data.id)} replace />;
  return run.error ? <ErrorNote error={run.error} /> : <p className={css.loading}>{t('loading')}</p>;
}
