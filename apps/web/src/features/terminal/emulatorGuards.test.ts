import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEmulator } from './emulator.ts';

const open = () => createEmulator({ cols: 20, rows: 8, scrollback: 30, logLevel: 'off' });
type Emulator = ReturnType<typeof open>;

const write = (emulator: Emulator, output: string) => new Promise<void>((drawn) => emulator.write(output, drawn));

function rowsOf({ buffer, rows }: Emulator): string[] {
  const { active } = buffer;
  return Array.from({ length: rows }, (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? 'none');
}

it('erases above the very last cell, with which xterm.js stops for good', async () => {
  for (const erase of ['\u001b[1J', '\u001b[?1J']) {
    const emulator = open();
    await write(emulator, `one\r\ntwo\u001b[999;999Hx${erase}`);
    expect(rowsOf(emulator)).toEqual(Array(8).fill(''));
    await write(emulator, '\u001b[Hon');
    expect(rowsOf(emulator)[0]).toBe('on');
    emulator.dispose();
  }
});

it('does what is to be done two thousand million times no more often than the screen is large', async () => {
  const one = 2_147_483_647;
  for (const end of ['b', 'L', 'M', 'S', 'T', 'I', 'Z', '@', 'P', 'X', ' @', ' A', "'}", "'~", 'C', 'E', 'e']) {
    const emulator = open();
    await write(emulator, `text\u001b[${one}${end}\u001b[H\u001b[2Jgoes on`);
    expect(rowsOf(emulator)[0]).toBe('goes on');
    emulator.dispose();
  }
  const emulator = open();
  await write(emulator, `x\u001b[${one}b`);
  expect(rowsOf(emulator).slice(0, 7)).toEqual(Array(7).fill('x'.repeat(20)));
  emulator.dispose();
});

it('begins anew at a change of size that xterm.js fails at, and says so', async () => {
  const emulator = open();
  await write(emulator, `${'x'.repeat(33)}\u001b[1;9H${'中'.repeat(30)}`);
  emulator.resize(5, 8);
  await write(emulator, '\u001b[10;12H');
  emulator.resize(6, 11);
  await write(emulator, '\r\ngo');
  expect([emulator.cols, emulator.rows]).toEqual([6, 11]);
  expect(rowsOf(emulator).join('')).toMatch(/reset.*go/);
  emulator.dispose();
});

it('has as many lines as the screen after changes of size that xterm.js has fewer after', async () => {
  const emulator = open();
  emulator.resize(10, 4);
  await write(emulator, '\u001b[6;21H\u001b[?47he\u0301x\u001b[2;2H');
  emulator.resize(11, 10);
  await write(emulator, '\u001b[9;24H');
  emulator.resize(13, 12);
  expect(rowsOf(emulator)).not.toContain('none');
  emulator.dispose();
});

it('begins anew where a sequence fails, and draws what comes after', async () => {
  const emulator = open();
  emulator.parser.registerCsiHandler({ final: 'y' }, () => {
    throw new Error('as xterm.js may');
  });
  await write(emulator, 'before\u001b[y');
  await write(emulator, 'after');
  expect(rowsOf(emulator).join('')).toMatch(/^ screen reset.*after$/);
  emulator.dispose();
});

const count = fc.constantFrom('', '0', '1', '2', '3', '7', '20', '9999', '2147483647', '99999999999', ':3', '4:5');
const charOf = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code));
const piece = fc.oneof(
  fc.constantFrom(
    'abc',
    '中文',
    'e\u0301x',
    '👩‍💻',
    'x'.repeat(33),
    '中'.repeat(30),
    '\r\n',
    '\n',
    '\b',
    '\t',
    '\u0085',
  ),
  fc.tuple(count, count).map(([y, x]) => `\u001b[${y};${x}H`),
  fc
    .tuple(
      fc.constantFrom('', '', '?', '>', '=', '<'),
      fc.array(count, { maxLength: 4 }),
      fc.constantFrom('', '', '', ' ', '$', "'", '"', '!', '*'),
      charOf(64, 126),
    )
    .map(([prefix, counts, between, final]) => `\u001b[${prefix}${counts.join(';')}${between}${final}`),
  fc
    .tuple(fc.constantFrom(3, 5, 6, 7, 25, 45, 47, 66, 1000, 1047, 1048, 1049, 2004, 2026), fc.constantFrom('h', 'l'))
    .map(([mode, to]) => `\u001b[?${mode}${to}`),
  fc.tuple(fc.constantFrom('', '(', ')', '#', '%', ' '), charOf(48, 126)).map(([of, it]) => `\u001b${of}${it}`),
  fc
    .tuple(
      fc.constantFrom(']', 'P', '^', '_', 'X'),
      fc.string({ maxLength: 9 }),
      fc.constantFrom('\u0007', '\u001b\\', ''),
    )
    .map(([kind, text, end]) => `\u001b${kind}${text}${end}`),
);
const size = fc.tuple(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 1, max: 12 }));

it('goes on after whatever comes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof({ weight: 15, arbitrary: piece }, size), { maxLength: 60 }), async (steps) => {
      const emulator = open();
      for (const step of steps) {
        if (typeof step === 'string') await write(emulator, step);
        else emulator.resize(...step);
      }
      await write(emulator, '\u0007\u001b\\\u001bc\u001b[Hok');
      expect(rowsOf(emulator)[0]).toBe('ok');
      emulator.dispose();
    }),
    { numRuns: 60 },
  );
});
