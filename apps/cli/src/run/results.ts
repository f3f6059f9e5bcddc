import { type Client, pages } from '@omanager/client';
import {
  compressRanges,
  type Fold,
  type FoldKind,
  type HostRun,
  type HostState,
  hostStates,
  type OutputChunk,
  type Run,
} from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../errors.ts';
import {
  formatBytes,
  formatCounts,
  formatDuration,
  hostStateText,
  hostStateWord,
  runStateText,
  servers,
} from '../io/format.ts';
import { bold, dim, outputLine, red, type Text, yellow } from '../io/text.ts';
import { createOutputLines, linesOfChunks, type OutputLine } from './outputLines.ts';
import { leftoverLines } from './survivors.ts';

const maxFolds = 50;
const maxFailureGroups = 30;
const notOkStates: HostState[] = hostStates.filter((state) => state !== 'ok');

/** Outputs (folded or per server), then what failed and why, then the sum; sets the exit code. */
export async function printResults(cli: Cli, client: Client, run: Run, options: { fold: boolean }): Promise<void> {
  if (options.fold) await printFolds(cli, client, run.id, 'exact');
  else await printEachHost(cli, client, run.id);
  await printEnd(cli, client, run);
}

/** What failed and why, then the sum; sets the exit code. */
export async function printEnd(cli: Cli, client: Client, run: Run): Promise<void> {
  await printFailures(cli, client, run.id);
  printSum(cli, run);
  cli.setExitCode(run.state === 'succeeded' ? exitCodes.ok : exitCodes.someNotOk);
}

/** Servers with the same output and exit code, once. */
export async function printFolds(cli: Cli, client: Client, runId: string, by: FoldKind): Promise<void> {
  const { out, signal } = cli;
  const { items, total } = await client.call('runs.folds', { runId, by, limit: maxFolds }, { signal });
  for (const fold of items) {
    const lines = linesOfChunks(fold.sample);
    out.data({ type: 'output', runId, ...foldData(fold, lines) });
    // What never ran has nothing to show here; it is named below, with its reason.
    if (lines.length === 0 && fold.exitCode === null) continue;
    const more = fold.count > fold.hosts.length ? ',…' : '';
    out.line(bold(compressRanges(fold.hosts), more), ` (${fold.count})  `, ...outcome(fold.state, fold.exitCode));
    for (const line of lines) out.line(marked(line));
    if (lines.length === 0) out.line(dim('  (no output)'));
    if (fold.sampleTruncated) out.line(dim(`  … goes on: om runs output ${runId} ${fold.hosts[0] ?? ''}`));
    await out.drained();
  }
  if (total > items.length) {
    out.line(dim(`… and ${total - items.length} more different outputs: om runs output ${runId} SERVER, or --no-fold`));
  }
}

async function printEachHost(cli: Cli, client: Client, runId: string): Promise<void> {
  for await (const host of pages(client, 'runs.hosts', { runId, limit: 1000 }, { signal: cli.signal })) {
    cli.out.line(
      bold(host.name),
      '  ',
      ...outcome(host.state, host.exitCode),
      dim(host.durationMs === null ? '' : `  ${formatDuration(host.durationMs)}`),
    );
    await printHostOutput(cli, client, { runId, ordinal: host.ordinal });
    printDiscarded(cli, host);
  }
}

/** The stored output of one server, however long. */
export async function printHostOutput(
  cli: Cli,
  client: Client,
  of: { runId: string; ordinal: number; attempt?: number },
): Promise<void> {
  const lines = createOutputLines();
  for await (const chunks of outputChunks(cli, client, of)) await printChunks(cli, of.ordinal, chunks, lines);
  for (const line of lines.end()) cli.out.line(marked(line));
}

/** The stored chunks of one server, call by call. */
export async function* outputChunks(
  cli: Cli,
  client: Client,
  of: { runId: string; ordinal: number; attempt?: number },
): AsyncGenerator<OutputChunk[], void, undefined> {
  let after = 0;
  for (let more = true; more; ) {
    const part = await client.call('runs.output', { ...of, after }, { signal: cli.signal });
    yield part.chunks;
    const last = part.chunks.at(-1)?.seq;
    more = part.more && last !== undefined;
    after = last ?? after;
  }
}

/** Output beyond the cap is not kept, and whoever reads the rest must know. */
export function printDiscarded({ out }: Cli, { discardedBytes }: HostRun): void {
  if (discardedBytes > 0) out.line(yellow(`  … ${formatBytes(discardedBytes)} more were written and not kept`));
}

export async function printChunks(
  cli: Cli,
  ordinal: number,
  chunks: readonly OutputChunk[],
  lines: ReturnType<typeof createOutputLines>,
): Promise<void> {
  for (const chunk of chunks) {
    cli.out.data({ type: 'chunk', ordinal, ...chunk });
    for (const line of lines.push(chunk)) cli.out.line(marked(line));
  }
  await cli.out.drained();
}

/** Every server that is not ok is named, with its reason and what it said. */
async function printFailures(cli: Cli, client: Client, runId: string): Promise<void> {
  if (cli.out.json) return;
  const groups = new Map<string, { host: HostRun; names: string[] }>();
  const leftovers: HostRun[] = [];
  for await (const host of pages(
    client,
    'runs.hosts',
    { runId, states: notOkStates, limit: 1000 },
    { signal: cli.signal },
  )) {
    const key = JSON.stringify([host.state, host.reason, host.exitCode, host.message]);
    const group = groups.get(key) ?? { host, names: [] };
    group.names.push(host.name);
    groups.set(key, group);
    if (host.survivors.length > 0 || host.probeAt !== null) leftovers.push(host);
  }
  const ordered = [...groups.values()].sort((a, b) => b.names.length - a.names.length);
  for (const { host, names } of ordered.slice(0, maxFailureGroups)) {
    cli.out.line(
      red('✕ '),
      ...outcome(host.state, host.exitCode, host.reason),
      '  ',
      bold(compressRanges(names)),
      ` (${names.length})`,
    );
    if (host.message) cli.out.line('    ', host.message);
    if (host.reason === 'host_key_unknown')
      cli.out.line('    ', dim(`then: om hostkeys trust ${names.length === 1 ? names[0] : 'all'}`));
  }
  if (ordered.length > maxFailureGroups) cli.out.line(dim(`… and more: om runs hosts ${runId} --not-ok`));
  for (const line of leftoverLines(runId, leftovers)) cli.out.line(line);
}

function printSum(cli: Cli, run: Run): void {
  const { startedAt, endedAt, attempt } = run;
  // Of a run that was tried again, the time since its first start says nothing.
  const took = startedAt && endedAt && attempt === 1 ? Date.parse(endedAt) - Date.parse(startedAt) : null;
  cli.out.data({ type: 'run', ...run });
  const counts = formatCounts(
    Object.fromEntries(Object.entries(run.counts).map(([state, n]) => [hostStateWord(state), n])),
  );
  cli.out.line(
    runStateText(run.state),
    `: ${counts} of ${servers(run.total)}${took === null ? '' : ` in ${formatDuration(took)}`}`,
  );
  if (run.stopReason !== null) cli.out.line(yellow('Stopped: '), run.stopReason);
  cli.out.line(dim(`run ${run.id}`));
  if (run.state !== 'succeeded') cli.out.line(dim(`again where it was not ok: om runs retry ${run.id}`));
}

/** What came from a server is set apart from what om says; `!` marks standard error. */
export const marked = ({ stream, line }: OutputLine): Text =>
  stream === 'stderr' ? [yellow('! '), outputLine(line)] : ['  ', outputLine(line)];

function outcome(state: HostState, exitCode: number | null, reason: string | null = null): Text[] {
  const code = exitCode === null || exitCode === 0 ? '' : ` (exit ${exitCode})`;
  return [hostStateText(state), code, reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`];
}

function foldData({ sample: _, ...fold }: Fold, lines: readonly OutputLine[]): object {
  const text = (stream: OutputLine['stream']): string =>
    lines.flatMap((line) => (line.stream === stream ? [line.line] : [])).join('\n');
  return { ...fold, stdout: text('stdout'), stderr: text('stderr') };
}

export const outputSizes = ({ stdoutBytes, stderrBytes, discardedBytes }: HostRun): string =>
  `${formatBytes(stdoutBytes + stderrBytes)}${discardedBytes > 0 ? `, ${formatBytes(discardedBytes)} discarded` : ''}`;
