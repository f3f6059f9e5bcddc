import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOutputLines } from './outputLines.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

it('gives the same lines wherever the chunks are cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.array(fc.nat(40)), (text, rest, cuts) => {
      const whole = Buffer.from(`${text}\n系统\n${rest}`);
      const lines = createOutputLines();
      const got = [];
      let at = 0;
      for (const size of [...cuts, whole.length]) {
        got.push(...lines.push({ stream: 'stdout', data: base64(whole.subarray(at, at + size)) }));
        at += size;
      }
      got.push(...lines.end());
      const expected = whole.toString().split('\n');
      if (expected.at(-1) === '') expected.pop();
      expect(got.map(({ line }) => line)).toEqual(expected);
    }),
  );
});

it('keeps the two streams apart', () => {
  const lines = createOutputLines();
  const push = (stream: 'stdout' | 'stderr', text: string) => lines.push({ stream, data: base64(Buffer.from(text)) });
  expect(push('stdout', 'a')).toEqual([]);
  expect(push('stderr', 'x\ny')).toEqual([{ stream: 'stderr', line: 'x' }]);
  expect(push('stdout', 'b\n')).toEqual([{ stream: 'stdout', line: 'ab' }]);
  expect(lines.end()).toEqual([{ stream: 'stderr', line: 'y' }]);
});

it('does not wait for ever for the end of a line', () => {
  const lines = createOutputLines();
  const got = lines.push({ stream: 'stdout', data: base64(Buffer.alloc(200_000, 'x')) });
  expect(got.map(({ line }) => line.length)).toEqual([65_536, 65_536, 65_536]);
});
