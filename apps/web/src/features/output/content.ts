import type { FileContent } from '@omanager/desktop-bridge/page';
import { type Line, type Result, stamp } from './journal.ts';

interface Written {
  title: string;
  lines: readonly Line[];
  results: readonly Result[];
  mark: boolean;
}

/** The journal as a file: text as it is shown, or a line for each result. */
export function contentOf(kind: FileContent['kind'], { title, lines, results, mark }: Written): FileContent {
  const text = lines.map((line) => `${line.text}\n`).join('');
  switch (kind) {
    case 'txt':
      return { kind, text, mark };
    case 'html':
      return { kind, title, text };
    case 'csv':
      return {
        kind,
        mark,
        rows: [['time', 'run', 'module', 'hosts', 'state', 'exit', 'output'], ...results.map(cells)],
      };
    case 'jsonl':
      return {
        kind,
        rows: results.map(({ run, hosts, state, exitCode, output }) => ({
          ...{ time: run.startedAt ?? run.createdAt, run: run.number, module: run.module.id },
          ...{ hosts, state, exit: exitCode, output },
        })),
      };
  }
}

function cells({ run, hosts, state, exitCode, output }: Result): string[] {
  const when = stamp(run.startedAt ?? run.createdAt);
  return [
    when,
    String(run.number),
    run.module.id,
    hosts,
    state,
    exitCode === null ? '' : String(exitCode),
    output.join('\n'),
  ];
}
