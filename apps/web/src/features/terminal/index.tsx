import type { Recording } from '@omanager/contract';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { Link, useRoute } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer, useChange } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import css from './Terminal.module.css';
import { TerminalView } from './TerminalView.tsx';
import { terminalTexts } from './texts.ts';

const FilesPane = lazy(async () => ({ default: (await import('../files/FilesPane.tsx')).FilesPane }));

export default function Page() {
  const [, params] = useRoute('/terminal/:host');
  return params ? <OfServer key={params.host} host={params.host} /> : <Nothing />;
}

function Nothing() {
  const t = useTexts(terminalTexts);
  return (
    <EmptyState title={t('none')} action={<Link href="/servers">{t('servers')}</Link>}>
      {t('noneWhy')}
    </EmptyState>
  );
}

/** The terminal that one has open on this server, else a new one. */
function OfServer({ host }: { host: string }) {
  const t = useTexts(terminalTexts);
  const title = safeText(host);
  useTab(`/terminal/${encodeURIComponent(host)}`, titleOf(terminalTexts, 'title', { host: title }));
  const open = useChange('terminals.open', { refresh: ['terminals.list'] });
  const mine = useAnswer('terminals.list', {});
  const [shown, setShown] = useState<Recording | null>(null);
  /** The folder beside it: null is the home, undefined none. */
  const [files, setFiles] = useState<string | null>();
  const may = useMay();
  const begun = useRef(false);
  const begin = () => {
    setShown(null);
    open.mutate({ id: uuid(), host, cols: 80, rows: 24 }, { onSuccess: setShown });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is known what is open
  useEffect(() => {
    if (begun.current || mine.data === undefined || mine.isPlaceholderData) return;
    begun.current = true;
    const there = mine.data.items.find((one) => one.host === host);
    if (there) setShown(there);
    else begin();
  }, [mine.data]);
  const error = open.error ?? mine.error;
  if (error) return <ErrorNote error={error} onRetry={begin} />;
  if (shown === null)
    return (
      <p className={css.note} role="status">
        {t('connecting', { host: title })}
      </p>
    );
  return (
    <div className={css.split}>
      <TerminalView
        key={shown.id}
        recording={shown}
        onAgain={begin}
        onFiles={may('file.read') ? () => setFiles(files === undefined ? null : undefined) : undefined}
        filesShown={files !== undefined}
      />
      {files !== undefined && (
        <div className={css.files}>
          <Suspense fallback={null}>
            <FilesPane host={host} path={files} onPath={setFiles} onClose={() => setFiles(undefined)} />
          </Suspense>
        </div>
      )}
    </div>
  );
}
