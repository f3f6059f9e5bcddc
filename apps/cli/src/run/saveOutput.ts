import type { Client } from '@omanager/client';
import { finalHostStates, type HostRun } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { CliError, exitCodes } from '../errors.ts';
import { formatBytes, hostStateWord } from '../io/format.ts';
import { saveNew } from '../io/saveFile.ts';
import { yellow } from '../io/text.ts';
import { outputChunks } from './results.ts';

interface Wanted {
  runId: string;
  host: HostRun;
  /** The last one when not said. */
  attempt: number | undefined;
  path: string;
}

/** Standard output of one server as the server keeps it, byte for byte, in a new file. */
export async function saveOutput(cli: Cli, client: Client, { runId, host, attempt, path }: Wanted): Promise<void> {
  const { ordinal } = host;
  const of = await attemptOf(cli, client, { runId, host, attempt });
  if (!finalHostStates.has(of.state)) {
    throw new CliError(
      `${host.name} is ${hostStateWord(of.state)}, its output is not whole yet: om runs watch ${runId}`,
    );
  }
  await client.call('runs.export', { runId, format: 'raw', hosts: [ordinal] }, { signal: cli.signal });
  const bytes = await saveNew(path, stdoutOf(cli, client, { runId, ordinal, attempt: of.attempt }));
  const { discardedBytes } = of;
  cli.out.data({ type: 'saved', runId, host: host.name, attempt: of.attempt, file: path, bytes, discardedBytes });
  cli.out.line(`Saved ${formatBytes(bytes)} (${bytes} bytes) to ${path}.`);
  if (discardedBytes > 0) {
    cli.setExitCode(exitCodes.other);
    cli.out.note(yellow(`It is not all: ${formatBytes(discardedBytes)} more were written and not kept.`));
  } else if (of.state !== 'ok') {
    cli.setExitCode(exitCodes.someNotOk);
    const why = of.message === null ? '' : `: ${of.message}`;
    cli.out.note(yellow(`This is of a server that is not ok, it is ${hostStateWord(of.state)}${why}`));
  }
}

async function attemptOf(cli: Cli, client: Client, { runId, host, attempt }: Omit<Wanted, 'path'>): Promise<HostRun> {
  if (attempt === undefined || attempt === host.attempt) return host;
  const { items } = await client.call('runs.attempts', { runId, ordinal: host.ordinal }, { signal: cli.signal });
  const found = items.find((item) => item.attempt === attempt);
  if (found) return found;
  throw new CliError(`${host.name} has no attempt ${attempt}; the last is ${host.attempt}.`);
}

async function* stdoutOf(
  cli: Cli,
  client: Client,
  of: { runId: string; ordinal: number; attempt: number },
): AsyncGenerator<Uint8Array> {
  for await (const chunks of outputChunks(cli, client, of)) {
    for (const { stream, data } of chunks) if (stream === 'stdout') yield Buffer.from(data, 'base64');
  }
}
