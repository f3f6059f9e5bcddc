import { type HostRun, type HostState, hostStates, type Run, type RunEvent } from '@omanager/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRunStore, indexOfState, unknownState } from './runStore.ts';

const id = '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10';

function runAt(revision: number, total: number): Run {
  return {
    ...{
      id,
      number: 1,
      planId: id,
      digest: 'd',
      revision,
      selector: '*',
      params: {},
      state: 'running',
      control: 'run',
    },
    module: { id: 'm', version: '1', digest: 'd', title: { en: 'M', zh: 'M' }, risk: 'read' },
    ...{
      attempt: 1,
      parallel: 1,
      timeoutMs: 1000,
      follow: false,
      total,
      environments: {},
      waves: [],
      wave: 0,
      holdUntil: null,
    },
    counts: noCounts,
    ...{ stopReason: null, reason: null, startedBy: 'x', startedAt: null, endedAt: null, outputRemovedAt: null },
    createdAt: '2026-01-01T00:00:00Z',
  };
}

const noCounts = {
  ...{ pending: 0, connecting: 0, running: 0, ok: 0, failed: 0, unreachable: 0, timed_out: 0 },
  ...{ aborted: 0, lost: 0, not_started: 0, skipped: 0 },
};

function hostAt(ordinal: number, revision: number, state: HostState): HostRun {
  return {
    ...{ ordinal, hostId: id, name: `web-${ordinal}`, environment: 'prod', state, reason: null, message: null },
    ...{ attempt: 1, exitCode: null, startedAt: null, endedAt: null, durationMs: null, stdoutBytes: 0, stderrBytes: 0 },
    ...{ discardedBytes: 0, discardedFor: null, filteredLines: 0, fold: null, survivors: [], probeAt: null, revision },
  };
}

const step = fc.record({
  ordinals: fc.uniqueArray(fc.nat(19), { maxLength: 10 }),
  state: fc.constantFrom(...hostStates),
});

/** Every change of a run as the event that tells it. */
function eventsOf(steps: readonly { ordinals: number[]; state: HostState }[]): RunEvent[] {
  return steps.map(({ ordinals, state }, i) => ({
    run: runAt(i + 1, 20),
    hosts: ordinals.map((ordinal) => hostAt(ordinal, i + 1, state)),
    revision: i + 1,
  }));
}

it('ends in the same state whatever the order of the events and however often they come', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 20 }).chain((steps) => {
        const events = eventsOf(steps);
        const again = fc.subarray(events);
        return fc.record({
          events: fc.constant(events),
          shuffled: again.chain((twice) =>
            fc.shuffledSubarray([...events, ...twice], { minLength: events.length + twice.length }),
          ),
        });
      }),
      ({ events, shuffled }) => {
        const [inOrder, anyhow] = [events, shuffled].map((all) => {
          const store = createRunStore(() => {});
          for (const event of all) store.apply(event);
          return store;
        });
        expect(anyhow?.states).toEqual(inOrder?.states);
        expect([...(anyhow?.hosts() ?? [])]).toEqual([...(inOrder?.hosts() ?? [])]);
        expect(anyhow?.run).toEqual(inOrder?.run);
        expect(anyhow?.known).toBe(inOrder?.known);
        expect(anyhow?.revision).toBe(events.length);
      },
    ),
  );
});

it('tells its listeners once a frame, however much came', () => {
  const frames: (() => void)[] = [];
  const store = createRunStore((then) => frames.push(then));
  let told = 0;
  const stop = store.subscribe(() => {
    told += 1;
  });
  for (let i = 0; i < 1000; i++) store.apply({ run: runAt(i, 10_000), hosts: [hostAt(i, i, 'running')], revision: i });
  expect(frames).toHaveLength(1);
  frames.shift()?.();
  expect([told, store.version]).toEqual([1, 1]);
  store.apply({ run: runAt(1001, 10_000), hosts: [], revision: 1001 });
  stop();
  frames.shift()?.();
  expect([told, store.version]).toEqual([1, 2]);
});

it('knows from the beginning how many servers there are, and which it has not heard of', () => {
  const store = createRunStore(() => {});
  store.apply({ run: runAt(3, 4), hosts: [hostAt(2, 1, 'failed')], revision: 3 });
  expect([...store.states]).toEqual([unknownState, unknownState, indexOfState('failed'), unknownState]);
  expect(store.known).toBe(1);
});
