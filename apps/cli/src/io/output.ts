import pc from 'picocolors';
import { printableJson } from './printable.ts';
import { formatTable } from './table.ts';
import { type RenderOptions, render, type Text } from './text.ts';

export interface OutputStream {
  write(text: string): boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** True from a write that was too much for the reader until `drain`. */
  readonly writableNeedDrain?: boolean | undefined;
  once(event: 'drain' | 'close', listener: () => void): unknown;
}

export interface OutputOptions {
  stdout: OutputStream;
  stderr: OutputStream;
  json: boolean;
  raw: boolean;
  env: Readonly<Record<string, string | undefined>>;
}

/** A line, or a table, of a screen. */
export type ScreenPart = { line: Text } | { header: readonly string[]; rows: readonly (readonly Text[])[] };

/** Where a command says things: results on stdout, the rest on stderr, one JSON object a line for programs. */
export interface Output {
  readonly json: boolean;
  readonly raw: boolean;
  /** A result line for people; silent with --json. */
  line(...text: Text[]): void;
  table(header: readonly string[], rows: readonly (readonly Text[])[]): void;
  /** A result for programs; silent without --json. */
  data(value: object): void;
  /** A remark on stderr, silent with --json. */
  note(...text: Text[]): void;
  /** A part of a file, as it is: whoever wrote it made it harmless. */
  part(text: string): void;
  /** Waits while the reader of stdout is slow. */
  drained(): Promise<void>;
  /** A line on stderr that replaces itself; only on a terminal, '' clears it. */
  status(text: string): void;
  /** Shows these in place of what it showed before, on a screen of their own; without a terminal, below each other. */
  screen(parts: readonly ScreenPart[]): void;
  /** Gives the terminal back as it was before the first screen. */
  endScreen(): void;
  /** Columns of the terminal behind stderr; null when there is none. */
  readonly statusColumns: number | null;
}

export function createOutput({ stdout, stderr, json, raw, env }: OutputOptions): Output {
  const out = styleOf(stdout, raw, env);
  const err = styleOf(stderr, raw, env);
  const hasStatus = stderr.isTTY === true && !json && env.TERM !== 'dumb';
  const hasScreen = stdout.isTTY === true && env.TERM !== 'dumb';
  let shown = '';
  let onScreen = false;

  function clear(): void {
    if (shown !== '') stderr.write('\r\x1b[K');
    shown = '';
  }
  function print(text: string): void {
    clear();
    stdout.write(`${text}\n`);
  }

  return {
    json,
    raw,
    get statusColumns() {
      // Some terminals say that they have no columns at all.
      return hasStatus ? stderr.columns || 80 : null;
    },
    line: (...text) => void (json || print(render(text, out))),
    table(header, rows) {
      if (!json && rows.length > 0) print(formatTable(header, rows, out).join('\n'));
    },
    data: (value) => void (json && print(printableJson(value))),
    note(...text) {
      if (json) return;
      clear();
      stderr.write(`${render(text, err)}\n`);
    },
    part(text) {
      clear();
      stdout.write(text);
    },
    async drained() {
      if (stdout.writableNeedDrain !== true) return;
      await new Promise<void>((resolve) => {
        stdout.once('drain', resolve);
        stdout.once('close', resolve);
      });
    },
    screen(parts) {
      if (json) return;
      const lines = parts.flatMap((part) =>
        'line' in part
          ? [render(part.line, out)]
          : part.rows.length > 0
            ? formatTable(part.header, part.rows, out)
            : [],
      );
      if (!hasScreen) return print(lines.join('\n'));
      // A screen of its own without line wrap; each line clears its rest, so that nothing flickers.
      if (!onScreen) stdout.write('\x1b[?1049h\x1b[?7l\x1b[?25l');
      onScreen = true;
      const fitting = lines.slice(0, Math.max(1, (stdout.rows || 24) - 1));
      stdout.write(`\x1b[H${fitting.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    },
    endScreen() {
      if (onScreen) stdout.write('\x1b[?25h\x1b[?7h\x1b[?1049l');
      onScreen = false;
    },
    status(text) {
      if (!hasStatus || text === shown) return;
      clear();
      stderr.write(text);
      shown = text;
    },
  };
}

/** Colours only on a terminal; NO_COLOR (https://no-color.org) and TERM=dumb turn them off. */
function styleOf(stream: OutputStream, raw: boolean, env: OutputOptions['env']): RenderOptions {
  const wanted = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return { colors: pc.createColors(wanted), raw };
}
