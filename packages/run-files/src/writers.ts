import { type HostRun, hostStates, type Run } from '@omanager/contract';
import { withoutAnsi } from './escapes.ts';
import type { Gathered, Places } from './gather.ts';
import { sampleLines } from './lines.ts';
import type { FileWords } from './words.ts';

/** Names of columns stay as they are in every language: programs read them. */
export const columns = [
  ...['name', 'address', 'zone', 'environment', 'state', 'exit_code', 'attempt', 'started', 'ended', 'duration_ms'],
  ...['message', 'first_line', 'last_line'],
] as const;

const mostCell = 1000;

/** The row of a table for one server; its output by the first and the last line that is not empty. */
export function tableRow({ host, chunks }: Gathered, places: Places): string[] {
  const place = places.get(host.ordinal);
  const lines = sampleLines(chunks).flatMap(({ text }) => (text.trim() === '' ? [] : [withoutAnsi(text)]));
  const cells = [
    ...[host.name, place?.address, place?.zone, host.environment, host.state, host.exitCode, host.attempt],
    ...[host.startedAt, host.endedAt, host.durationMs, host.message ?? host.reason, lines[0], lines.at(-1)],
  ];
  return cells.map((cell) => String(cell ?? '').slice(0, mostCell));
}

/** One server as an object: its result, and each stream as text. */
export function record(run: Pick<Run, 'id' | 'number'>, { host, chunks, cut }: Gathered, places: Places) {
  const lines = sampleLines(chunks);
  const text = (stream: 'stdout' | 'stderr') =>
    lines.flatMap((line) => (line.stream === stream ? [line.text] : [])).join('\n');
  const place = places.get(host.ordinal);
  return {
    ...{ run: run.number, runId: run.id, ordinal: host.ordinal, name: host.name, address: place?.address ?? null },
    ...{ zone: place?.zone ?? null, environment: host.environment, state: host.state, reason: host.reason },
    ...{ message: host.message, exitCode: host.exitCode, attempt: host.attempt, startedAt: host.startedAt },
    ...{ endedAt: host.endedAt, durationMs: host.durationMs, stdout: text('stdout'), stderr: text('stderr'), cut },
  };
}

/** One server for people: what came of it in `head`, then what it wrote. */
export function block({ chunks }: Gathered, head: string, cutWords: string | null): string {
  const lines = sampleLines(chunks).map(({ text }) => withoutAnsi(text));
  return [`++++ ${head} ++++`, ...lines, ...(cutWords === null ? [] : [cutWords]), ''].join('\n');
}

/** A name that no archive and no file system takes for a path. */
export function logName({ ordinal, name, attempt }: Pick<HostRun, 'ordinal' | 'name' | 'attempt'>): string {
  const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '_');
  return `${String(ordinal + 1).padStart(5, '0')}-${plain}-${attempt}.log`;
}

/** What stands above the output of a run. */
export function factsOf(run: Run, words: FileWords): string {
  const servers = hostStates.flatMap((one) => (run.counts[one] > 0 ? [`${run.counts[one]} ${words.state(one)}`] : []));
  const facts = {
    module: `${run.module.id}@${run.module.version}`,
    ...{ stateOf: words.state(run.state), servers: servers.join(', '), by: run.startedBy, created: run.createdAt },
    ...{ ended: run.endedAt ?? '–', plan: run.digest },
  };
  return Object.entries(facts)
    .map(([fact, value]) => `${words.of[fact] ?? fact}: ${value}`)
    .join('\n');
}

/** What came of one server, in a line. */
export function headOf({ host }: Gathered, words: Pick<FileWords, 'state' | 'exit'>): string {
  return [
    ...[host.name, words.state(host.state), words.exit(host.exitCode)],
    ...(host.durationMs === null ? [] : [`${host.durationMs} ms`]),
    ...(host.message ? [host.message] : []),
  ].join(' · ');
}
