import { createRequire } from 'node:module';
import type { Client } from '@omanager/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { finishedRecording, play, sit } from './rig.ts';

/** What is used of xterm here: its own types are those of a browser, which this project's tests are not. */
interface Emulator {
  readonly cols: number;
  readonly rows: number;
  readonly buffer: { readonly active: Screen; readonly normal: Screen; readonly alternate: Screen };
  resize(cols: number, rows: number): void;
  write(data: string | Uint8Array, done: () => void): void;
}
interface Screen {
  readonly type: 'normal' | 'alternate';
  readonly cursorX: number;
  readonly cursorY: number;
  readonly length: number;
  getLine(y: number): { translateToString(trim: boolean): string; getCell(x: number): Cell | undefined } | undefined;
}
type Cell = Record<'getWidth' | 'getFgColor' | 'getBgColor' | 'isBold' | 'isInverse', () => number>;
// It is CommonJS under the name of a module; outside a browser it emulates and draws nothing.
const { Terminal }: { Terminal: new (options: object) => Emulator } = createRequire(import.meta.url)('@xterm/xterm');
const patienceMs = 30_000;

describe.skipIf(!has('sshd', 'useradd', 'bash', 'vim', 'ps'))('the last screen of a recording', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({
      hosts: 1,
      user: { shell: '/bin/bash' },
      sshd: { config: ['AcceptEnv LC_*'] },
    });
  });
  afterAll(() => rig?.stop());

  it('is what was seen live, after top and in vim with Chinese, through resizes', async () => {
    const terminal = await sit(rig.client, 'h-001');
    const live = watchOn(rig.client, terminal.id);
    await terminal.type('top -d 1\r');
    await terminal.sees('load average');
    await terminal.resize(120, 40);
    await terminal.type('q');
    await terminal.sees(/\?25h[^\n]*\$ $/);
    await terminal.type("printf '\\033[1;31m红\\033[0m 你好 🚀\\n'; vim -u NONE -N\r");
    await live.shows('VIM - Vi IMproved');
    await terminal.type('i运维平台 web-01\r第二行，');
    await live.shows('第二行，');
    await terminal.resize(90, 20);
    await terminal.type('缩小后');
    await live.shows('第二行，缩小后');
    await rig.client.call('terminals.close', { id: terminal.id });
    await finishedRecording(rig.client, terminal.id);
    await live.over;

    const { events, file } = await play(rig.client, terminal.id);
    const { width, height } = JSON.parse(file.slice(0, file.indexOf('\n')));
    const replayed = emulator(width, height);
    for (const [, code, data] of events) {
      const [cols = 0, rows = 0] = data.split('x').map(Number);
      if (code === 'o') await written(replayed, data);
      if (code === 'r') replayed.resize(cols, rows);
    }
    const screen = screenOf(replayed);
    expect(screen).toEqual(screenOf(live.terminal));
    expect(screen.kind).toBe('alternate');
    expect(screen.alternate.map(({ text }) => text).slice(0, 2)).toEqual(['运维平台 web-01', '第二行，缩小后']);
    expect(screen.normal.some(({ text }) => text.includes('红 你好 🚀'))).toBe(true);
  });
});

/** Somebody who looks on, with an emulator in front of it. */
function watchOn(client: Client, id: string) {
  const terminal = emulator(80, 24);
  const over = (async () => {
    for await (const { cols, rows, data } of client.stream('terminals.watch', { id })) {
      if (cols !== terminal.cols || rows !== terminal.rows) terminal.resize(cols, rows);
      await written(terminal, Buffer.from(data, 'base64'));
    }
  })();
  const text = () => screenOf(terminal)[terminal.buffer.active.type].map((line) => line.text);
  const shows = (what: string) =>
    waitFor(`${what} on the screen`, () => text().some((line) => line.includes(what)), patienceMs);
  return { terminal, over, shows };
}

const emulator = (cols: number, rows: number): Emulator =>
  new Terminal({ cols, rows, scrollback: 1000, allowProposedApi: true });

const written = (terminal: Emulator, data: string | Uint8Array): Promise<void> =>
  new Promise((resolve) => terminal.write(data, resolve));

/** Both of its screens: the text of each line, and how each cell looks. */
function screenOf({ buffer, cols }: Emulator) {
  const linesOf = (which: Screen) =>
    Array.from({ length: which.length }, (_, y) => {
      const line = which.getLine(y);
      const looks = Array.from({ length: cols }, (_, x) => {
        const cell = line?.getCell(x);
        return [cell?.getWidth(), cell?.getFgColor(), cell?.getBgColor(), cell?.isBold(), cell?.isInverse()].join();
      });
      return { text: line?.translateToString(true) ?? '', looks: looks.join(' ') };
    });
  const { type, cursorX, cursorY } = buffer.active;
  return {
    kind: type,
    cursor: [cursorX, cursorY],
    normal: linesOf(buffer.normal),
    alternate: linesOf(buffer.alternate),
  };
}
