import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSemaphore } from './semaphore.ts';

const never = new AbortController().signal;

describe('a semaphore', () => {
  it('serves in order, never too many, and leaves out who has gone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.constantFrom('take', 'free', 'leave'), { maxLength: 60 }),
        async (limit, steps) => {
          const semaphore = createSemaphore(limit);
          const queue: { id: number; stop: AbortController }[] = [];
          const inside: (() => void)[] = [];
          const served: number[] = [];
          const expected: number[] = [];
          let next = 0;
          for (const step of steps) {
            if (step === 'take') {
              const entry = { id: next++, stop: new AbortController() };
              if (semaphore.used < limit) expected.push(entry.id);
              else queue.push(entry);
              void semaphore.take(entry.stop.signal).then(
                (free) => {
                  served.push(entry.id);
                  inside.push(free);
                },
                () => {},
              );
            } else if (step === 'free') {
              const free = inside.shift();
              const first = free && queue.shift();
              if (first) expected.push(first.id);
              free?.();
              free?.();
            } else queue.pop()?.stop.abort();
            await Promise.resolve();
            await Promise.resolve();
            expect(semaphore.used).toBeLessThanOrEqual(limit);
            expect(semaphore.waiting).toBe(queue.length);
          }
          await new Promise((resolve) => setImmediate(resolve));
          expect(served).toEqual(expected);
        },
      ),
    );
  });

  it('says when a place is free that nobody waits for', async () => {
    let told = 0;
    const semaphore = createSemaphore(1, () => told++);
    const free = await semaphore.take(never);
    expect(semaphore.tryTake()).toBe(undefined);
    const waiting = semaphore.take(never);
    free();
    expect(told).toBe(0);
    (await waiting)();
    expect(told).toBe(1);
  });
});
