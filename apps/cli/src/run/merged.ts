import type { Client } from '@omanager/client';
import { finalHostStates, finalRunStates, type LineFilter, type MergedLine, type Run } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { exitCodes, Interrupted } from '../errors.ts';
import { hostStateText } from '../io/format.ts';
import { blue, bold, cyan, dim, green, magenta, outputLine, red, type Text, yellow } from '../io/text.ts';
import { fitWidth } from '../io/width.ts';

export interface MergedOptions {
  runId: string;
  /** Only these ordinals. Absent: all. */
  hosts?: number[];
  filter?: LineFilter | undefined;
  /** Lines of each server to begin with. */
  lines?: number | undefined;
  /** What the first Ctrl-C does; the second one ends om at once, whatever goes on. */
  onInterrupt: 'stop' | 'let go';
}

const colours = [cyan, green, magenta, blue, yellow];
const longestName = 24;

/**
 * Prints the lines of all servers of a run as they arrive, until the run is over. Null when the operator let go of it:
 * the run goes on, and how to come back has been said.
 */
export async function followMerged(cli: Cli, client: Client, options: MergedOptions): Promise<Run | null> {
  const over = new AbortController();
  // What it says is said again at the end: if it fails, nothing is lost.
  const ends = reportEnds(cli, client, options.runId, over.signal).catch(() => {});
  try {
    return await followLines(cli, client, options);
  } finally {
    over.abort();
    await ends;
  }
}

/** Says at once which servers write no more: nobody sees it from lines that do not come. */
async function reportEnds({ out }: Cli, client: Client, runId: string, signal: AbortSignal): Promise<void> {
  const reported = new Map<number, number>();
  let first = true;
  for await (const { run, hosts } of client.stream('runs.watch', { runId, hosts: true }, { signal })) {
    if (first && finalRunStates.has(run.state)) return;
    first = false;
    for (const host of hosts) {
      const { ordinal, attempt, state, reason, message, name } = host;
      if (!finalHostStates.has(state) || reported.get(ordinal) === attempt) continue;
      reported.set(ordinal, attempt);
      out.data({ type: 'host', runId, ...host });
      if (state === 'ok') continue;
      const why = reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`;
      out.note(red('✕ '), hostStateText(state), why, '  ', bold(name), message === null ? '' : `: ${message}`);
    }
  }
}

async function followLines(cli: Cli, client: Client, options: MergedOptions): Promise<Run | null> {
  const { runId, hosts, filter, lines } = options;
  const asked = {
    runId,
    ...(hosts && { hosts }),
    ...(filter && { filter }),
    ...(lines !== undefined && { tailLines: lines }),
  };
  const print = createPrinter(cli, runId);
  let cursor: string | undefined;
  /** Nothing to interrupt any more: the second Ctrl-C ends om itself. */
  let signal: AbortSignal | undefined = cli.signal;
  for (;;) {
    try {
      const params = { ...asked, ...(cursor === undefined ? {} : { after: cursor }) };
      for await (const event of client.stream('runs.follow', params, signal && { signal })) {
        cursor = event.cursor;
        await print(event);
      }
      return await client.call('runs.get', { runId });
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (options.onInterrupt === 'let go') return sayLetGo(cli, runId);
      cli.out.note('Stopping the run; Ctrl-C again leaves at once.');
      await client.call('runs.stop', { runId });
      signal = undefined;
    }
  }
}

function createPrinter(cli: Cli, runId: string) {
  const { out } = cli;
  let width = 0;
  return async ({ lines, skipped }: { lines: readonly MergedLine[]; skipped: number }): Promise<void> => {
    if (skipped > 0) {
      out.data({ type: 'skipped', runId, lines: skipped });
      out.note(
        dim(`… ${skipped} lines left out: more came than can be shown. They are in om runs output ${runId} SERVER`),
      );
    }
    for (const line of lines) width = Math.max(width, Math.min(longestName, line.name.length));
    for (const line of lines) {
      out.data({ type: 'line', runId, ...line });
      out.line(...shownLine(line, width));
    }
    await out.drained();
  };
}

/** `web-01 | text`, `web-01 ! what it wrote to standard error`; each server keeps its colour. */
function shownLine({ ordinal, name, stream, text }: MergedLine, width: number): Text[] {
  const colour = colours[ordinal % colours.length] ?? cyan;
  const mark = stream === 'stderr' ? yellow(' ! ') : dim(' | ');
  return [colour(fitWidth(name, longestName).padEnd(width)), mark, outputLine(text)];
}

function sayLetGo(cli: Cli, runId: string): null {
  cli.setExitCode(exitCodes.other);
  cli.out.data({ type: 'detached', runId });
  cli.out.note('Detached; the run goes on without you.');
  cli.out.note(dim('  come back  '), `om logs ${runId}`);
  cli.out.note(dim('  stop it    '), `om runs stop ${runId}`);
  return null;
}
