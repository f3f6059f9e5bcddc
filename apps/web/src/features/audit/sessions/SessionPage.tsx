import { Button, TextInput } from '@mantine/core';
import { fromBase64 } from '@omanager/client';
import type { Recording } from '@omanager/contract';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { asOmError, useAnswer, useChange, useRefresh } from '../../../data/calls.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useBlockWords } from '../../../data/useBlockWords.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { Ago } from '../../../ui/Time.tsx';
import { openScreen } from '../../terminal/xterm.ts';
import { commandsAddress, minutesFrom } from '../commands/commandQuery.ts';
import { Player } from './Player.tsx';
import css from './Sessions.module.css';
import { sessionTexts } from './texts.ts';

/** One recorded terminal: looked on at while it is open, replayed afterwards. */
export default function SessionPage({ id }: { id: string }) {
  const t = useTexts(sessionTexts);
  const may = useMay();
  const { data, error, refetch } = useAnswer('recordings.get', { id });
  return (
    <section className={css.page} aria-label={t('title')}>
      <div className={layout.bar}>
        <Link href="/audit/sessions">{t('back')}</Link>
        {data && <h1>{t('session', { host: safeText(data.host), user: safeText(data.userName) })}</h1>}
        {data && <Ago at={data.startedAt} />}
        {data && may('audit.read') && <Link href={commandsOf(data)}>{t('itsCommands')}</Link>}
        <span className={layout.push} />
        {data?.endedAt === null && <Terminate recording={data} />}
      </div>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && (data.endedAt === null ? <Watch recording={data} /> : <Player recording={data} />)}
    </section>
  );
}

/** The clock of the server is not that of OMServer. */
const commandsOf = ({ id, startedAt, endedAt }: Recording): string =>
  commandsAddress({ terminal: id, from: minutesFrom(startedAt, -5), to: endedAt && minutesFrom(endedAt, 5) });

function Watch({ recording }: { recording: Recording }) {
  const t = useTexts(sessionTexts);
  const { client } = useSession();
  const refresh = useRefresh();
  const box = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<ReturnType<typeof asOmError> | null>(null);
  const { id, cols, rows } = recording;
  // biome-ignore lint/correctness/useExhaustiveDependencies: one look for one terminal
  useEffect(() => {
    if (!box.current) return;
    const stop = new AbortController();
    const screen = openScreen(box.current, { label: t('screen'), readOnly: true, size: { cols, rows } });
    const follow = async () => {
      for await (const event of client.stream('terminals.watch', { id }, { signal: stop.signal })) {
        const { terminal } = screen;
        if (terminal.cols !== event.cols || terminal.rows !== event.rows) terminal.resize(event.cols, event.rows);
        await new Promise<void>((resolve) => terminal.write(fromBase64(event.data), resolve));
      }
      await refresh('recordings.get', 'recordings.list');
    };
    follow().catch((cause: unknown) => {
      if (!stop.signal.aborted) setError(asOmError(cause));
    });
    return () => {
      stop.abort();
      screen.dispose();
    };
  }, [client, id]);
  return (
    <>
      <p className={css.note} role="status">
        {t('watching')}
      </p>
      {error && <ErrorNote error={error} onRetry={() => void refresh('recordings.get')} />}
      <div className={css.screen} ref={box} />
    </>
  );
}

function Terminate({ recording }: { recording: Recording }) {
  const t = useTexts(sessionTexts);
  const may = useMay();
  const block = useBlockWords();
  const [open, setOpen] = useState(false);
  const [confirm, setConfirm] = useState('');
  const [reason, setReason] = useState('');
  const end = useChange('terminals.terminate', { refresh: ['recordings.get', 'recordings.list'] });
  if (!may('terminal.control')) return null;
  const names = { host: safeText(recording.host), user: safeText(recording.userName) };
  return (
    <>
      <Button
        color="red"
        disabled={block !== null}
        {...(block !== null && { title: block })}
        onClick={() => setOpen(true)}
      >
        {t('terminate')}
      </Button>
      {open && (
        <FormDialog
          title={t('terminateTitle', names)}
          submit={t('terminateSubmit')}
          danger
          disabled={confirm !== recording.host || reason.trim().length < 10}
          busy={end.isPending}
          error={end.error}
          onSubmit={() =>
            end.mutate({ id: recording.id, confirm, reason: reason.trim() }, { onSuccess: () => setOpen(false) })
          }
          onClose={() => setOpen(false)}
        >
          <p>{t('terminateWhy')}</p>
          <TextInput
            label={t('confirm', names)}
            value={confirm}
            onChange={(event) => setConfirm(event.currentTarget.value)}
          />
          <TextInput label={t('reason')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        </FormDialog>
      )}
    </>
  );
}
