import type { Client } from '@omanager/client';
import { finalRunStates, type HostRun } from '@omanager/contract';
import {
  columns,
  type FileWords,
  fileParts,
  fileText,
  type Gathered,
  gather,
  placesOf,
  tableRow,
} from '@omanager/run-files';
import { zipParts } from '@omanager/run-files/zip';
import { type Cli, titleOf } from '../cli.ts';
import { formatBytes, hostStateWord } from '../io/format.ts';
import { saveNew } from '../io/saveFile.ts';
import { yellow } from '../io/text.ts';

export const exportFormats = ['txt', 'html', 'csv', 'jsonl', 'zip'] as const;
export type ExportFormat = (typeof exportFormats)[number];

interface Wanted {
  runId: string;
  format: ExportFormat;
  hosts: readonly HostRun[];
  /** A new file; absent: standard output. */
  path: string | undefined;
}

const words: FileWords = {
  of: {
    ...{ module: 'Module', stateOf: 'State', servers: 'Servers', by: 'Started by', created: 'Created' },
    ...{ ended: 'Ended', plan: 'Plan digest' },
  },
  state: hostStateWord,
  exit: (code) => (code === null ? 'no exit code' : `exit ${code}`),
};

/** Takes a run out as a file, which is on record before anything is read. One server's output is in memory at a time. */
export async function exportRun(cli: Cli, client: Client, { runId, format, hosts, path }: Wanted): Promise<void> {
  const { out, signal } = cli;
  const run = await client.call('runs.get', { runId }, { signal });
  const some = hosts.length < run.total && { hosts: hosts.map(({ ordinal }) => ordinal) };
  await client.call('runs.export', { runId, format, ...some }, { signal });
  // Somebody else's plan is for auditors; without it those columns stay empty.
  const places = await placesOf(client, run.planId, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return new Map();
  });
  const logs = () => gather(client, run, hosts, signal, Number.POSITIVE_INFINITY);

  async function* parts(): AsyncGenerator<string | Uint8Array> {
    const title = `#${run.number} ${titleOf(cli, run.module.title)}`;
    if (format !== 'zip') return yield* fileParts(format, { run, title, words, places, logs: logs() });
    const rows: (readonly string[])[] = [columns];
    async function* noted(): AsyncGenerator<Gathered> {
      for await (const one of logs()) {
        rows.push(tableRow(one, places));
        yield one;
      }
    }
    yield* zipParts(noted(), () => [{ name: 'servers.csv', text: fileText({ kind: 'csv', rows }) }]);
  }

  if (path === undefined) {
    for await (const part of parts()) {
      if (typeof part === 'string') out.part(part);
      await out.drained();
    }
  } else {
    const bytes = await saveNew(path, encoded(parts()));
    out.data({ type: 'saved', runId, format, hosts: hosts.length, file: path, bytes });
    out.line(
      `Saved ${hosts.length === 1 ? '1 server' : `${hosts.length} servers`} (${formatBytes(bytes)}) to ${path}.`,
    );
  }
  if (!finalRunStates.has(run.state)) out.note(yellow('The run is not over; more may come.'));
}

async function* encoded(parts: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const part of parts) yield typeof part === 'string' ? encoder.encode(part) : part;
}
