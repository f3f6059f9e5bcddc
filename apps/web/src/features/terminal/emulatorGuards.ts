import type { Terminal } from '@xterm/xterm';

/** What xterm.js 6 keeps within; its version is pinned. */
interface Core {
  readonly rows: number;
  readonly cols: number;
  readonly buffers: { readonly active: Buffer };
  readonly _inputHandler: {
    readonly _parser: { reset(): void };
    parse(data: string | Uint8Array, result?: boolean): unknown;
  };
  registerCsiHandler(id: Id, take: (params: { readonly params: Int32Array }) => boolean): unknown;
}
interface Buffer {
  readonly x: number;
  readonly y: number;
  readonly ybase: number;
  readonly lines: { readonly length: number; get(index: number): unknown };
}
type Id = { prefix?: string; intermediates?: string; final: string };

// Its types name only what is public.
const coreOf = (terminal: Terminal): Core => (terminal as unknown as { readonly _core: Core })._core;

/** Stands on the screen that had to begin anew; the transcript of a recording has all. */
const beganAnew = '\u001b[7m screen reset · 屏幕已重置 \u001b[0m\r\n';

/** Sequences that do something as many times as they say. */
const counted: readonly Id[] = [
  ...[...'@ABCDEFGHILMPSTXZ`abdef'].map((final) => ({ final })),
  ...[...'@A'].map((final) => ({ intermediates: ' ', final })),
  ...[...'}~'].map((final) => ({ intermediates: "'", final })),
];

/**
 * Whatever a server sends, or has sent in a recording, the emulator goes on: a count of two thousand million holds up the
 * page no longer than the screen is large, and what xterm.js fails at (it would stop for good, for it never comes to what
 * waits behind) costs the screen that there was.
 */
export function guardEmulator(terminal: Terminal): void {
  const core = coreOf(terminal);
  const input = core._inputHandler;

  function beginAnew(): void {
    terminal.reset();
    input._parser.reset();
    parse(beganAnew);
  }

  const parse = input.parse.bind(input);
  input.parse = (data, result) => {
    try {
      return parse(data, result);
    } catch {
      return beginAnew();
    }
  };
  const resize = terminal.resize.bind(terminal);
  terminal.resize = (cols, rows) => {
    try {
      resize(cols, rows);
      if (isWhole(core)) return;
    } catch {}
    // Halfway: neither this size nor that before.
    terminal.reset();
    resize(cols, rows);
    beginAnew();
  };

  for (const id of counted) {
    core.registerCsiHandler(id, ({ params }) => {
      const most = id.final === 'b' ? core.cols * core.rows : Math.max(core.cols, core.rows);
      for (let i = 0; i < params.length; i++) if ((params[i] ?? 0) > most) params[i] = most;
      return false;
    });
  }
  for (const id of [{ final: 'J' }, { prefix: '?', final: 'J' }]) {
    core.registerCsiHandler(id, ({ params }) => {
      const { x, y, lines } = core.buffers.active;
      // "Erase above" from the very last cell is "erase all"; xterm.js looks for the line after it.
      if (params[0] === 1 && x >= core.cols - 1 && y + 1 >= lines.length) params[0] = 2;
      return false;
    });
  }
}

/** After some changes of size xterm.js has fewer lines than the screen, and fails later. */
function isWhole({ rows, buffers: { active } }: Core): boolean {
  const { ybase, lines } = active;
  if (lines.length < ybase + rows) return false;
  for (let i = 0; i < lines.length; i++) if (!lines.get(i)) return false;
  return true;
}
