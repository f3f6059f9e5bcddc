import type { Client } from '@omanager/client';
import { OmError } from '@omanager/contract';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Target } from './saving.ts';
import { createTransfers } from './transfers.ts';

/** A download that ends when it is told to: each is a file of so many bytes, in pieces. */
function rig() {
  const begun: { path: string; piece(bytes: number, size?: number): void; end(): void; fail(error: unknown): void }[] =
    [];
  const stream = (_name: string, { path }: { path: string }, { signal }: { signal: AbortSignal }) => {
    const queue: unknown[] = [];
    let wake = Promise.withResolvers<void>();
    const over: { ended: boolean; failure?: { error: unknown } } = { ended: false };
    let offset = 0;
    const tell = () => {
      wake.resolve();
      wake = Promise.withResolvers();
    };
    const fail = (error: unknown) => {
      over.failure = { error };
      tell();
    };
    signal.addEventListener('abort', () => fail(signal.reason));
    begun.push({
      path,
      piece(bytes, size = bytes) {
        queue.push({ offset, size, modifiedAt: '', data: btoa('x'.repeat(bytes)) });
        offset += bytes;
        tell();
      },
      end() {
        over.ended = true;
        tell();
      },
      fail,
    });
    return (async function* () {
      for (;;) {
        while (queue.length > 0) yield queue.shift();
        if (over.failure) throw over.failure.error;
        if (over.ended) return;
        await wake.promise;
      }
    })();
  };
  const got: string[] = [];
  const target: Target = {
    limit: 100,
    open: async (name) => {
      let bytes = 0;
      return {
        write: async (part) => {
          bytes += part.length;
        },
        close: async () => void got.push(`${name} ${bytes}`),
        abort: async () => void got.push(`${name} aborted`),
      };
    },
  };
  // Of a client it uses only this.
  const transfers = createTransfers({ stream } as unknown as Client);
  const states = () => transfers.list().map(({ path, state }) => `${path} ${state}`);
  return { transfers, target, begun, got, states };
}

beforeEach(() => vi.stubGlobal('window', new EventTarget()));
afterEach(() => vi.unstubAllGlobals());

it('goes one after the other, in order; what fails or is given up stops nobody and leaves nothing', async () => {
  const { transfers, target, begun, got, states } = rig();
  for (const path of ['/a', '/b', '/c', '/d']) transfers.download('h', path, target);
  expect(states()).toEqual(['/a running', '/b waiting', '/c waiting', '/d waiting']);
  await vi.waitFor(() => expect(begun).toHaveLength(1));
  begun[0]?.piece(5);
  begun[0]?.fail(new OmError('UNREACHABLE', 'gone'));
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  transfers.cancel(3);
  begun[1]?.piece(7);
  begun[1]?.end();
  await vi.waitFor(() => expect(begun).toHaveLength(3));
  expect(states()).toEqual(['/a failed', '/b done', '/c cancelled', '/d running']);
  transfers.cancel(4);
  await vi.waitFor(() => expect(states().at(-1)).toBe('/d cancelled'));
  expect(got).toEqual(['a aborted', 'b 7', 'd aborted']);
  expect(transfers.list()[0]?.error?.code).toBe('UNREACHABLE');
  transfers.clear();
  expect(states()).toEqual([]);
});

it('a file beyond what its place takes is refused as soon as that is known', async () => {
  const { transfers, target, begun, got } = rig();
  transfers.download('h', '/large', target);
  await vi.waitFor(() => expect(begun).toHaveLength(1));
  begun[0]?.piece(1, 101);
  await vi.waitFor(() => expect(transfers.list()[0]?.error?.code).toBe('TOO_LARGE'));
  expect(got).toEqual(['large aborted']);
  transfers.download('h', '/large', { ...target, limit: null });
  await vi.waitFor(() => expect(begun).toHaveLength(2));
  begun[1]?.piece(101);
  begun[1]?.end();
  await vi.waitFor(() => expect(got).toEqual(['large aborted', 'large 101']));
});

it('remembers no more than it must: the oldest that have ended go first, none that waits', async () => {
  const { transfers, target, begun, states } = rig();
  transfers.download('h', '/first', target);
  await vi.waitFor(() => expect(begun).toHaveLength(1));
  for (let i = 0; i < 250; i++) transfers.download('h', `/f-${i}`, target);
  expect(states()).toHaveLength(251);
  begun[0]?.piece(1);
  begun[0]?.end();
  await vi.waitFor(() => expect(states()).toHaveLength(250));
  expect(states()[0]).toBe('/f-0 running');
});
