import { type HostRun, hostStates, type OmError, type Run } from '@omanager/contract';
import { fileText } from '@omanager/desktop-bridge/page';
import { useEffect, useRef, useState } from 'react';
import { asOmError } from '../../../data/calls.ts';
import { useSaveFile } from '../../../data/saveFile.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useTexts, useTitle } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { save as saveBlob } from '../log/download.ts';
import { type Gathered, gather, type Places, placesOf } from './gather.ts';
import { exportTexts } from './texts.ts';
import { block, columns, record, tableRow } from './writers.ts';

export const exportKinds = ['txt', 'html', 'csv', 'jsonl', 'zip'] as const;
export type ExportKind = (typeof exportKinds)[number];

export interface SaveRun {
  /** A file of the whole run, or of these servers. */
  saveRun(kind: ExportKind, ordinals?: readonly number[]): void;
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly cut: boolean;
  readonly error: OmError | null;
  stop(): void;
}

const noPlaces: Places = new Map();

/** Saves what a run brought, as OMServer stored it: masked. One at a time; it ends with its component. */
export function useSaveRun(store: RunStore, run: Run): SaveRun {
  const t = useTexts(exportTexts);
  const tUi = useTexts(uiTexts);
  const titleOf = useTitle();
  const { client } = useSession();
  const maySeePlan = useMay()('run.start');
  const saveFile = useSaveFile();
  const [progress, setProgress] = useState<SaveRun['progress']>(null);
  const [cut, setCut] = useState(false);
  const [error, setError] = useState<OmError | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function write(kind: ExportKind, hosts: readonly HostRun[], signal: AbortSignal): Promise<void> {
    const title = `#${run.number} ${titleOf(run.module.title)}`;
    const only = hosts.length === 1 && run.total > 1 ? `-${hosts[0]?.name ?? ''}` : '';
    const name = `run-${run.number}${only}`;
    // Somebody else's plan is for auditors; without it the columns stay empty.
    const places = maySeePlan ? await placesOf(client, run.planId, signal).catch(() => noPlaces) : noPlaces;
    const ordinals = hosts.map(({ ordinal }) => ordinal);
    const some = hosts.length < run.total && ordinals.length > 0 && { hosts: ordinals };
    await client.call('runs.export', { runId: run.id, format: kind, ...some }, { signal });
    let done = 0;
    async function* counted(): AsyncGenerator<Gathered> {
      for await (const one of gather(client, run, hosts, signal)) {
        if (one.cut) setCut(true);
        yield one;
        done += 1;
        if (done % 20 === 0) setProgress({ done, total: hosts.length });
      }
    }
    switch (kind) {
      case 'csv': {
        const rows: string[][] = [[...columns]];
        for await (const one of counted()) rows.push(tableRow(one, places));
        return saveFile(name, { kind, rows });
      }
      case 'jsonl': {
        const rows: unknown[] = [];
        for await (const one of counted()) rows.push(record(run, one, places));
        return saveFile(name, { kind, rows });
      }
      case 'txt':
      case 'html': {
        const blocks: string[] = [];
        for await (const one of counted()) blocks.push(block(one, headOf(one), one.cut ? cutWords() : null));
        const text = `${facts()}\n\n${blocks.join('\n')}`;
        return saveFile(name, kind === 'html' ? { kind, title, text } : { kind, text: `${title}\n${text}` });
      }
      case 'zip': {
        const { zipOf } = await import('./zip.ts');
        const rows: string[][] = [[...columns]];
        async function* noted(): AsyncGenerator<Gathered> {
          for await (const one of counted()) {
            rows.push(tableRow(one, places));
            yield one;
          }
        }
        const blob = await zipOf(noted(), () => [{ name: 'servers.csv', text: fileText({ kind: 'csv', rows }) }]);
        return saveBlob(blob, `${name}.zip`);
      }
    }
  }

  const cutWords = () => t('cut', { number: run.number });
  const headOf = ({ host }: Gathered): string =>
    [
      ...[host.name, tUi(host.state), host.exitCode === null ? t('noExit') : t('exit', { code: host.exitCode })],
      ...(host.durationMs === null ? [] : [`${host.durationMs} ms`]),
      ...(host.message ? [host.message] : []),
    ].join(' · ');
  const facts = (): string =>
    [
      [t('module'), `${run.module.id}@${run.module.version}`],
      [t('stateOf'), tUi(run.state)],
      [t('servers'), hostStates.flatMap((s) => (run.counts[s] > 0 ? [`${run.counts[s]} ${tUi(s)}`] : [])).join(', ')],
      [t('by'), run.startedBy],
      [t('created'), run.createdAt],
      [t('ended'), run.endedAt ?? '–'],
      [t('plan'), run.digest],
    ]
      .map(([what, value]) => `${what}: ${value}`)
      .join('\n');

  return {
    saveRun(kind, ordinals) {
      if (progress) return;
      const hosts = ordinals ? ordinals.flatMap((at) => store.host(at) ?? []) : [...store.hosts()];
      const controller = new AbortController();
      stop.current = controller;
      setError(null);
      setCut(false);
      setProgress({ done: 0, total: hosts.length });
      write(kind, hosts, controller.signal)
        .catch((cause: unknown) => {
          if (!controller.signal.aborted) setError(asOmError(cause));
        })
        .finally(() => setProgress(null));
    },
    ...{ progress, cut, error },
    stop: () => stop.current?.abort(),
  };
}
