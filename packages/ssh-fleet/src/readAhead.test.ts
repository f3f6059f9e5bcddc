import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAhead } from './readAhead.ts';

const content = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 255);

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const got: Uint8Array[] = [];
  for await (const piece of pieces) got.push(piece);
  return Buffer.concat(got);
}

/** A file of a host that gives less than was asked for when it likes to. */
function fileOf(bytes: Uint8Array, limitOf: (read: number) => number) {
  const state = { reads: 0, atOnce: 0, most: 0 };
  return {
    state,
    async read(position: number, length: number) {
      state.most = Math.max(state.most, ++state.atOnce);
      const most = limitOf(state.reads++);
      await new Promise((resolve) => setImmediate(resolve));
      state.atOnce--;
      return bytes.subarray(position, position + Math.min(length, most));
    },
  };
}

describe('reading ahead', () => {
  it('gives the file from anywhere to its end, whatever pieces the host gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 400_000 }),
        fc.integer({ min: 0, max: 400_000 }),
        fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 20 }),
        async (size, from, limits) => {
          const bytes = content(size);
          // Pieces are small only for a while, or a test would take long.
          const file = fileOf(bytes, (read) => (read < 60 ? (limits[read % limits.length] ?? 1) : 32_768));
          const got = await all(readAhead(file, { from }));
          expect(got.equals(bytes.subarray(from))).toBe(true);
          expect(file.state.most).toBeLessThanOrEqual(16);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('has many reads under way, and none when it has ended', async () => {
    const file = fileOf(content(2_000_000), () => 32_768);
    for await (const piece of readAhead(file)) {
      expect(piece.length).toBe(32_768);
      expect(file.state.most).toBe(16);
      break;
    }
    expect(file.state.atOnce).toBe(0);
  });

  it('fails with what the host refused, and ends with its signal', async () => {
    const refusing = {
      async read(position: number): Promise<Uint8Array> {
        if (position > 0) throw new Error('the disk is broken');
        return content(32_768);
      },
    };
    await expect(all(readAhead(refusing))).rejects.toThrow('the disk is broken');
    const stop = new AbortController();
    const reading = readAhead(
      fileOf(content(2_000_000), () => 32_768),
      { signal: stop.signal },
    );
    await reading.next();
    stop.abort(new Error('enough'));
    await expect(reading.next()).rejects.toThrow('enough');
  });
});
