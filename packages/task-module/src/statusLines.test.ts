import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStatusScanner } from './statusLines.ts';

const nonce = 'omn0123456789abcdef';
const bytes = (text: string) => new TextEncoder().encode(text);

function scan(chunks: Uint8Array[]) {
  const scanner = createStatusScanner(nonce);
  const steps = chunks.map((chunk) => scanner.push(chunk));
  return {
    rest: Buffer.concat([...steps.map(({ rest }) => rest), scanner.flush()]).toString(),
    events: steps.flatMap(({ events }) => events),
  };
}

describe('createStatusScanner', () => {
  it('takes its own lines out of the middle of the stream', () => {
    expect(scan([bytes(`half a line${nonce} start 12 boot 34\nrest\n${nonce} timeout\n`)])).toEqual({
      rest: 'half a linerest\n',
      events: [{ kind: 'start', pid: 12, bootId: 'boot', startTime: '34' }, { kind: 'timeout' }],
    });
  });

  it('finds the same however the stream is cut, and gives everything else back', () => {
    const part = fc.oneof(
      fc.constantFrom(`${nonce} timeout\n`, nonce, 'omn', 'omn01', '\n', ' ', 'error: no such file\n'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (parts, sizes) => {
          const all = bytes(parts.join(''));
          const chunks: Uint8Array[] = [];
          for (let at = 0, i = 0; at < all.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            chunks.push(all.subarray(at, at + size));
            at += size;
          }
          expect(scan(chunks)).toEqual(scan([all]));
        },
      ),
    );
  });

  it('holds back no more than a line of its own could need', () => {
    const scanner = createStatusScanner(nonce);
    const { rest } = scanner.push(bytes(`${nonce} ${'x'.repeat(100_000)}`));
    expect(rest.length + scanner.flush().length).toBeLessThan(300);
    expect(scanner.push(bytes('a log line without end')).rest).toHaveLength(22);
  });
});
