import { ActionIcon, Button, Menu } from '@mantine/core';
import type { HostRun, OmError, OutputChoice, ReadAs, Run } from '@omanager/contract';
import { IconChevronDown, IconCopy, IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { asOmError } from '../../../data/calls.ts';
import { useSession } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { withoutAnsi } from '../ansi/ansi.ts';
import { SaveState } from '../export/SaveState.tsx';
import { exportTexts } from '../export/texts.ts';
import { useSaveRun } from '../export/useSaveRun.ts';
import { useCopy } from '../parts/Copied.tsx';
import { bytesText } from './bytesText.ts';
import { mostBytes, rawOutput, save } from './download.ts';
import type { LineRange } from './LogLines.tsx';
import css from './LogPage.module.css';
import { logTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;
/** Kinds that say something of one server beside its raw output. */
const oneKinds = ['txt', 'html', 'jsonl'] as const;
const mostCopied = 20_000;

/** Copies the marked lines, and saves the whole output as it was written. */
export function LogTools({
  store,
  run,
  host,
  ordinal,
  attempt,
  marked,
  stream,
  readAs,
}: {
  store: RunStore;
  run: Run;
  host: HostRun | undefined;
  ordinal: number;
  attempt: number;
  marked: LineRange | null;
  stream: OutputChoice;
  readAs: ReadAs;
}) {
  const t = useTexts(logTexts);
  const tSave = useTexts(exportTexts);
  const saving = useSaveRun(store, run);
  const { client } = useSession();
  const clipboard = useCopy();
  const [busy, setBusy] = useState(false);
  const [cut, setCut] = useState(false);
  const [error, setError] = useState<OmError | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const name = host?.name ?? String(ordinal);

  function begin(): AbortSignal {
    stop.current?.abort();
    stop.current = new AbortController();
    return stop.current.signal;
  }

  async function download(): Promise<void> {
    const signal = begin();
    await client.call('runs.export', { runId: run.id, format: 'raw', hosts: [ordinal] }, { signal });
    const raw = await rawOutput(client, { runId: run.id, ordinal, attempt }, signal);
    setCut(raw.cut);
    save(raw.blob, `run-${run.number}-${name}-${attempt}.log`);
  }

  async function copy({ from, to }: LineRange): Promise<void> {
    const signal = begin();
    const texts: string[] = [];
    const last = Math.min(to, from + mostCopied - 1);
    for (let line: number | null = from; line !== null && line <= last; ) {
      const at = { kind: 'line', line } as const;
      const page: Awaited<ReturnType<typeof client.call<'runs.lines'>>> = await client.call(
        'runs.lines',
        { runId: run.id, ordinal, attempt, stream, readAs, at, limit: Math.min(5000, last - line + 1) },
        { signal },
      );
      texts.push(...page.lines.map(({ text }) => withoutAnsi(text)));
      line = page.lines.length === 0 ? null : page.next;
    }
    clipboard.text(texts.join('\n'), t('copied'));
  }

  function attempted(what: () => Promise<void>): void {
    setBusy(true);
    setError(null);
    what()
      .catch((cause: unknown) => setError(asOmError(cause)))
      .finally(() => setBusy(false));
  }

  useKeys({ copyLines: () => marked && attempted(() => copy(marked)) }, { enabled: marked !== null });
  return (
    <>
      <span className={layout.push} />
      {marked && (
        <Button
          {...{ size: 'xs', leftSection: <IconCopy {...icon} />, title: withKey(t('copy'), 'copyLines') }}
          onClick={() => attempted(() => copy(marked))}
        >
          {marked.from === marked.to
            ? t('copyLine', { line: marked.from })
            : t('copyLines', { from: marked.from, to: marked.to })}
        </Button>
      )}
      <Button.Group>
        <Button
          {...{ size: 'xs', disabled: busy, leftSection: <IconDownload {...icon} /> }}
          onClick={() => attempted(download)}
        >
          {t(busy ? 'downloading' : 'download')}
        </Button>
        {host?.attempt === attempt && (
          <Menu>
            <Menu.Target>
              <ActionIcon variant="default" size={24} aria-label={tSave('saveAs')} title={tSave('saveAs')}>
                <IconChevronDown {...icon} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {oneKinds.map((kind) => (
                <Menu.Item key={kind} onClick={() => saving.saveRun(kind, [ordinal])}>
                  {tSave(`${kind}One`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </Button.Group>
      <SaveState {...{ run, saving }} />
      {cut && (
        <p className={css.note}>
          {t('downloadCut', { size: bytesText(mostBytes), number: run.number, name: safeText(name) })}
        </p>
      )}
      {error && <ErrorNote error={error} />}
    </>
  );
}
