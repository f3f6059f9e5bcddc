import type { HostRun, OmError, Run } from '@omanager/contract';
import {
  block,
  columns,
  type FileWords,
  factsOf,
  fileText,
  type Gathered,
  gather,
  headOf,
  type Places,
  placesOf,
  record,
  tableRow,
} from '@omanager/run-files';
import { useEffect, useRef, useState } from 'react';
import { asOmError } from '../../../data/calls.ts';
import { useSaveFile } from '../../../data/saveFile.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useTexts, useTitle } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { save as saveBlob } from '../log/download.ts';
import { exportTexts } from './texts.ts';

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
        for await (const one of counted()) blocks.push(block(one, headOf(one, words), one.cut ? cutWords() : null));
        const text = `${factsOf(run, words)}\n\n${blocks.join('\n')}`;
        return saveFile(name, kind === 'html' ? { kind, title, text } : { kind, text: `${title}\n${text}` });
      }
      case 'zip': {
        const { zipParts } = await import('@omanager/run-files/zip');
        const rows: string[][] = [[...columns]];
        async function* noted(): AsyncGenerator<Gathered> {
          for await (const one of counted()) {
            rows.push(tableRow(one, places));
            yield one;
          }
        }
        const parts = zipParts(noted(), () => [{ name: 'servers.csv', text: fileText({ kind: 'csv', rows }) }]);
        return saveBlob(await blobOf(parts), `${name}.zip`);
      }
    }
  }

  const cutWords = () => t('cut', { number: run.number });
  const words: FileWords = {
    of: {
      ...{ module: t('module'), stateOf: t('stateOf'), servers: t('servers'), by: t('by'), created: t('created') },
      ...{ ended: t('ended'), plan: t('plan') },
    },
    state: tUi,
    exit: (code) => (code === null ? t('noExit') : t('exit', { code })),
  };

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

/** Parts are handed to the browser as blobs of this size: it may keep those outside the page's memory. */
const blobBytes = 4 * 1024 * 1024;

async function blobOf(parts: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Blob> {
  const blobs: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const part of parts) {
    waiting.push(part);
    bytes += part.length;
    if (bytes < blobBytes) continue;
    blobs.push(new Blob(waiting));
    [waiting, bytes] = [[], 0];
  }
  return new Blob([...blobs, ...waiting], { type: 'application/zip' });
}
