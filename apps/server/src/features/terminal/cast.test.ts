import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCast } from './cast.ts';

const header = { cols: 80, rows: 24, startedAt: 0, title: 'h' };
type Line = [number, string, string];

/** The bytes of a recording: those of `x` in place of the text before it. */
function bytesOf(lines: string): Buffer {
  const events = lines
    .split('\n')
    .filter(Boolean)
    .map((line): Line => JSON.parse(line));
  return Buffer.concat(
    events.flatMap(([, code, data], index) => {
      if (code !== 'o') return [];
      const [, next, raw = ''] = events[index + 1] ?? [];
      return [next === 'x' ? Buffer.from(raw, 'base64') : Buffer.from(data)];
    }),
  );
}

it('keeps every byte, text or not, wherever it is cut', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 }).map((one) => Buffer.from(one.toWellFormed()));
  const noise = fc.uint8Array({ maxLength: 10_000 }).map((one) => Buffer.from(one));
  fc.assert(
    fc.property(fc.array(fc.oneof(text, noise), { maxLength: 5 }), fc.integer({ min: 1, max: 500 }), (parts, size) => {
      const all = Buffer.concat(parts);
      const cast = createCast(header);
      let lines = '';
      for (let from = 0; from < all.length; from += size) lines += cast.output(1, all.subarray(from, from + size));
      lines += cast.end(1, 'exited', null);
      expect(bytesOf(lines).equals(all)).toBe(true);
    }),
  );
});

it('text that is cut between two pieces stays text', () => {
  const cast = createCast(header);
  const all = Buffer.from('写🚀é');
  let lines = '';
  for (const byte of all) lines += cast.output(1, Buffer.of(byte));
  lines += cast.end(1, 'exited', null);
  expect(lines).not.toContain('"x"');
  expect(bytesOf(lines).toString()).toBe('写🚀é');
});

it('says why it ends, as a marker', () => {
  const cast = createCast(header);
  expect(cast.end(1, 'limit', 'It is full.')).toBe('[0.001,"m","ended: limit, It is full."]\n');
  expect(cast.end(1, 'idle', null)).toBe('[0.001,"m","ended: idle"]\n');
});
