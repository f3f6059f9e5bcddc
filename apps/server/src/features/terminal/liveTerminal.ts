import { OmError, type TerminalEnd, type TerminalOutput } from '@omanager/contract';
import { iso } from '../../db/page.ts';
import type { SignedIn } from '../../rpc/actor.ts';
import { createCast } from './cast.ts';
import { createKeys, type Keys } from './keys.ts';
import type { ShellProcess, ShellWish, TerminalHost, TerminalSettings } from './ports.ts';
import type { Recorder } from './recorder.ts';
import { createScreen } from './screen.ts';

/** Keys that the server has not taken yet; a paste larger than this waits in the client. */
const maxUntypedBytes = 256 * 1024;

export interface LiveTerminal {
  readonly id: string;
  readonly owner: SignedIn;
  readonly host: TerminalHost;
  /** From the connection to the end. Never throws. */
  readonly over: Promise<void>;
  attach(
    writer: string,
    after: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<TerminalOutput, void, undefined>;
  watch(after: number | undefined, signal: AbortSignal): AsyncGenerator<TerminalOutput, void, undefined>;
  /** `stay`: it counts as a key though nothing may be typed. */
  input(writer: string, offset: number, data: Buffer, shown: number, stay?: boolean): Promise<void>;
  resize(writer: string, size: { cols: number; rows: number }): void;
  /** The first reason counts. Resolves when it is over and recorded. */
  end(why: TerminalEnd, message?: string | null): Promise<void>;
}

interface Options {
  id: string;
  owner: SignedIn;
  host: TerminalHost;
  size: { cols: number; rows: number };
  settings: TerminalSettings;
  /** Nobody in front of it for so long, and it ends. */
  leftMs: number;
  /** Who sits in front of an idle one is told so long before it ends. */
  warnMs: number;
  openShell(wish: ShellWish): Promise<{ shell: ShellProcess; release(): void } | { unreachable: string }>;
  recorder: Recorder;
  opened(): Promise<void>;
  /** Stores how it ended, after the last chunk of its recording. */
  ended(why: TerminalEnd, message: string | null): Promise<void>;
  now: () => number;
  log: { error(details: object, message: string): void };
}

/** One shell on one server: who types, who looks on, what is recorded, and the one way in which it ends. */
export function createLiveTerminal(options: Options): LiveTerminal {
  const { id, owner, host, settings, leftMs, warnMs, recorder, now } = options;
  const screen = createScreen({ state: 'connecting', ...options.size, end: null, message: null, idleEndsAt: null });
  const cast = createCast({ ...options.size, startedAt: now(), title: host.name });
  const stop = new AbortController();
  const ending = Promise.withResolvers<{ why: TerminalEnd; message: string | null }>();
  let shell: ShellProcess | undefined;
  let writer: { id: string; keys: Keys; stop: AbortController } | undefined;
  let untyped = 0;
  let leftTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let ended = false;

  function end(why: TerminalEnd, message: string | null = null): Promise<void> {
    if (!ended) {
      ended = true;
      clearTimeout(leftTimer);
      clearTimeout(idleTimer);
      screen.release();
      ending.resolve({ why, message });
      stop.abort();
      shell?.kill();
    }
    return over;
  }

  function noteIdle(): void {
    clearTimeout(idleTimer);
    if (ended) return;
    if (screen.state.idleEndsAt !== null) screen.set({ idleEndsAt: null });
    idleTimer = setTimeout(() => {
      screen.set({ idleEndsAt: iso(now() + warnMs) });
      idleTimer = setTimeout(() => void end('idle'), warnMs).unref();
    }, settings.idleMs - warnMs).unref();
  }

  function noteLeft(): void {
    clearTimeout(leftTimer);
    if (!ended) leftTimer = setTimeout(() => void end('left'), leftMs).unref();
  }

  function record(lines: string, commands = 0): void | Promise<void> {
    const behind = recorder.write(lines, commands);
    if (recorder.bytes > settings.capBytes) void end('limit', 'The recording has reached its largest size.');
    return behind;
  }

  function onData(data: Uint8Array): void | Promise<void> {
    if (ended) return;
    const bytes = Buffer.from(data);
    const recorded = record(cast.output(now(), bytes));
    screen.append(bytes);
    const room = screen.room();
    if (recorded || room) return Promise.all([recorded, room]).then(() => {});
  }

  async function converse(): Promise<void> {
    const opened = await options.openShell({
      size: options.size,
      term: 'xterm-256color',
      // What is typed and shown is UTF-8: a shell in the C locale would take Chinese for commands of its line editor.
      // Its commands say that they belong here: most systems let in LC_*, and nothing else.
      env: { OM_SESSION: id, LC_OM_SESSION: id, LC_CTYPE: 'C.UTF-8' },
      onData: (_stream, data) => onData(data),
      signal: stop.signal,
    });
    if ('unreachable' in opened) return void end('unreachable', opened.unreachable);
    try {
      shell = opened.shell;
      if (ended) return shell.kill();
      shell.resize(screen.state);
      await options.opened();
      screen.set({ state: 'open' });
      const { code, signal } = await shell.done;
      void end('exited', signal === undefined ? `exit ${code ?? '?'}` : `signal ${signal}`);
    } finally {
      opened.release();
    }
  }

  async function live(): Promise<void> {
    record(cast.header);
    noteLeft();
    noteIdle();
    const talking = converse().catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      void end(shell ? 'lost' : 'unreachable', message.slice(0, 1000));
    });
    const { why, message } = await ending.promise;
    await talking;
    recorder.write(cast.end(now(), why, message));
    await recorder.end();
    try {
      await options.ended(why, message);
    } catch (error) {
      options.log.error({ err: String(error).slice(0, 500), terminal: id }, 'the end of a terminal was not stored');
    }
    screen.set({ state: why === 'unreachable' ? 'failed' : 'ended', end: why, message, idleEndsAt: null });
  }

  const over = live();

  function requireWriter(asked: string): { keys: Keys } {
    if (ended) throw new OmError('CONFLICT', 'This terminal has ended.');
    if (writer?.id !== asked) throw new OmError('CONFLICT', 'This terminal was taken over by another window of yours.');
    return writer;
  }

  async function* attach(asked: string, after: number | undefined, signal: AbortSignal) {
    const mine = { id: asked, keys: writer?.id === asked ? writer.keys : createKeys(), stop: new AbortController() };
    writer?.stop.abort();
    writer = mine;
    clearTimeout(leftTimer);
    // Also what it was shown before a cut: nothing newer than that was seen by anybody.
    if (after !== undefined) screen.shown(after);
    try {
      yield* screen.follow(after, AbortSignal.any([signal, mine.stop.signal]));
      if (mine.stop.signal.aborted && writer?.id !== asked)
        throw new OmError('CONFLICT', 'This terminal was taken over by another window of yours.');
    } finally {
      if (writer === mine) noteLeft();
    }
  }

  return {
    id,
    owner,
    host,
    over,
    attach,
    watch: (after, signal) => screen.follow(after, signal),
    async input(asked, offset, data, shown, stay = false) {
      const { keys } = requireWriter(asked);
      screen.shown(shown);
      if (stay) noteIdle();
      if (data.length === 0) return;
      if (!shell) throw new OmError('BUSY', 'The shell is not there yet; try again shortly.');
      if (untyped + data.length > maxUntypedBytes) throw new OmError('BUSY', 'The shell does not read what is typed.');
      const fresh = keys.take(offset, data);
      if (fresh.length === 0) return;
      noteIdle();
      if (settings.recordInput) record(cast.input(now(), fresh));
      const enters = fresh.reduce((count, byte) => count + (byte === 13 ? 1 : 0), 0);
      if (enters > 0) record(cast.marker(now()).repeat(enters), enters);
      untyped += fresh.length;
      void shell.stdin
        .write(fresh)
        .catch(() => {})
        .finally(() => {
          untyped -= fresh.length;
        });
    },
    resize(asked, size) {
      requireWriter(asked);
      const { cols, rows } = screen.state;
      if (cols === size.cols && rows === size.rows) return;
      screen.set(size);
      shell?.resize(size);
      record(cast.resize(now(), size));
    },
    end,
  };
}
