import { compressRanges, type Fold, finalRunStates, type HostRun, type Run } from '@omanager/contract';
import { sampleLines } from '@omanager/run-files';
import { safeText } from '../../ui/safeText.ts';
import { withoutAnsi } from '../run/ansi/ansi.ts';

/** What the words of a journal are, in the language of the reader. */
export interface Words {
  host: string;
  result: string;
  exit: string;
  more(count: number): string;
  progress(done: number, total: number): string;
  state(state: Run['state'] | Fold['state']): string;
  title(run: Run): string;
}

export interface Line {
  readonly text: string;
  readonly kind: 'head' | 'host' | 'text';
  readonly state: Run['state'] | Fold['state'] | null;
}

/** A line for the servers of one result, as a table has it. */
export interface Result {
  readonly run: Run;
  readonly hosts: string;
  readonly state: Fold['state'];
  readonly exitCode: number | null;
  readonly output: readonly string[];
  /** Lines that are not here. */
  readonly left: number;
}

/** Of one group of servers; the whole output stands on the page of the run. */
const mostLines = 200;
/** As many servers are named each by itself, as the client of 2014 did with its ten. */
const mostNamed = 10;

/** What a run brought, by group of equal output; who gave none says why. */
export function resultsOf(run: Run, folds: readonly Fold[], silent: readonly HostRun[]): Result[] {
  const grouped = folds.flatMap(({ hosts, count, state, exitCode, sample, sampleTruncated }) => {
    const all = sampleLines(sample).map(({ text }) => safeText(withoutAnsi(text).replace(/\r$/, '')));
    const output = all.slice(0, mostLines);
    const left = all.length - output.length + (sampleTruncated ? 1 : 0);
    const about = { run, state, exitCode, output, left };
    if (count <= mostNamed) return hosts.map((name) => ({ ...about, hosts: name }));
    return [{ ...about, hosts: `${compressRanges(hosts)} (${count})` }];
  });
  const others = silent.map(({ name, state, exitCode, message }) => ({
    ...{ run, hosts: name, state, exitCode, left: 0 },
    output: message === null ? [] : message.split('\n').map(safeText),
  }));
  return [...grouped, ...others];
}

/** In the format of the output pane of 2014. */
export function linesOf(run: Run, results: readonly Result[], words: Words): Line[] {
  const over = finalRunStates.has(run.state);
  const title = `++++ ${stamp(run.startedAt ?? run.createdAt)} #${run.number} ${words.title(run)} ++++`;
  const done = run.total - run.counts.pending - run.counts.connecting - run.counts.running;
  const how = over ? words.state(run.state) : `${words.state(run.state)} ${words.progress(done, run.total)}`;
  const lines: Line[] = [{ kind: 'head', state: run.state, text: `${title}  ${how}` }];
  for (const { hosts, state, exitCode, output, left } of results) {
    const exit = exitCode === null || exitCode === 0 ? '' : `  ${words.exit}: ${exitCode}`;
    lines.push({ kind: 'host', state, text: `${words.host}: ${hosts}  ${words.result}: ${words.state(state)}${exit}` });
    for (const text of output) lines.push({ kind: 'text', state: null, text });
    if (left > 0) lines.push({ kind: 'text', state: null, text: words.more(run.number) });
  }
  return lines;
}

/** 2026-11-22 15:41:03, of this computer. */
export function stamp(at: string): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${date.toTimeString().slice(0, 8)}`;
}

/** Where a text is found, line by line, whatever its case. */
export function found(lines: readonly Line[], typed: string): number[] {
  const text = typed.toLowerCase();
  if (text === '') return [];
  return lines.flatMap((line, i) => (line.text.toLowerCase().includes(text) ? [i] : []));
}
