import { setTimeout as sleep } from 'node:timers/promises';
import type { HostRun, OutputChunk } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cut } from '../lab/cuttingProxy.ts';
import { finished, hostsOf, start } from '../runs/rig.ts';
import { type CutRig, startCutRig } from './cutRig.ts';

const hosts = 5;
let rig: CutRig;
beforeAll(async () => {
  rig = await startCutRig(hosts);
});
afterAll(() => rig?.stop());

const upTo = (n: number) => Math.floor(Math.random() * n);

/** In the middle of the request, of the answer, before it, or whenever. */
function anyCut(): Cut {
  const kind = upTo(4);
  if (kind === 0) return { direction: 'up', bytes: upTo(300) };
  if (kind === 1) return { direction: 'down', bytes: upTo(800) };
  if (kind === 2) return { direction: 'down', bytes: 0 };
  return { afterMs: upTo(20) };
}

it('a socket cut between runs.start and its answer, 100 times: one run each, and the caller gets it', async () => {
  const { direct, proxied, proxy } = rig;
  const runs: string[] = [];
  for (let i = 0; i < 100; i++) {
    const plan = await direct.call('runs.plan', { module: 'test.trace', selector: 'c-1' });
    const runId = uuid();
    await proxied.call('access.whoami', {});
    const before = proxy.cuts;
    proxy.arm(anyCut());
    const answer = proxied.call('runs.start', { planId: plan.id, digest: plan.digest, runId });
    // Every third time the next connection is cut too, somewhere in its handshake or in the call sent again.
    if (i % 3 === 0) {
      await expect.poll(() => proxy.cuts, { interval: 1 }).toBe(before + 1);
      proxy.arm(i % 2 ? { direction: 'down', bytes: upTo(2000) } : { direction: 'up', bytes: upTo(2500) });
    }
    expect(await answer).toMatchObject({ id: runId, planId: plan.id });
    proxy.disarm();
    runs.push(runId);
  }
  expect(proxy.cuts).toBeGreaterThanOrEqual(100);
  for (const runId of runs) expect(await finished(direct, runId)).toMatchObject({ state: 'succeeded', total: 1 });
  const { items } = await direct.call('runs.list', { limit: 1000 });
  expect(items.map(({ id }) => id).toSorted()).toEqual(runs.toSorted());
  for (const runId of runs) expect(rig.executions(runId)).toBe(1);
});

it('cuts while runs.watch and runs.tail stream: no gap and nothing twice', async () => {
  const { direct, proxied, proxy } = rig;
  const { id: runId } = await start(direct, { module: 'test.talk', selector: '*', params: { lines: 120 } });
  const before = proxy.cuts;
  let over = false;
  const watching = collectRun(runId);
  const tailing = Promise.all(Array.from({ length: hosts }, (_, ordinal) => collectOutput(runId, ordinal)));
  const ends = Promise.all([watching, tailing]).finally(() => {
    over = true;
  });
  while (!over) {
    proxy.arm(upTo(2) ? { afterMs: upTo(250) } : { direction: 'down', bytes: upTo(8000) });
    await Promise.race([ends, sleep(50 + upTo(200))]);
  }
  proxy.disarm();
  const [shown, outputs] = await ends;
  expect(proxy.cuts - before).toBeGreaterThan(10);
  expect(shown).toEqual(new Map((await hostsOf(direct, runId)).map((host) => [host.ordinal, host])));
  for (const [ordinal, chunks] of outputs.entries()) {
    const stored = await direct.call('runs.output', { runId, ordinal, maxBytes: 1_048_576 });
    expect(chunks).toEqual(stored.chunks);
    const text = chunks.map(({ data }) => Buffer.from(data, 'base64').toString()).join('');
    expect(text).toBe(Array.from({ length: 120 }, (_, i) => `line ${i + 1} of c-${ordinal + 1}\n`).join(''));
  }

  async function collectRun(id: string): Promise<Map<number, HostRun>> {
    const last = new Map<number, HostRun>();
    let revision = 0;
    for await (const event of proxied.stream('runs.watch', { runId: id })) {
      // Taken up again, it begins with the run as it is, but never with a server that was shown already.
      expect(event.revision).toBeGreaterThanOrEqual(revision);
      for (const host of event.hosts) {
        expect(host.revision, 'each change of a server is shown once, in order').toBeGreaterThan(
          Math.max(revision, last.get(host.ordinal)?.revision ?? 0),
        );
        last.set(host.ordinal, host);
      }
      revision = event.revision;
    }
    return last;
  }

  async function collectOutput(id: string, ordinal: number): Promise<OutputChunk[]> {
    const chunks: OutputChunk[] = [];
    for await (const event of proxied.stream('runs.tail', { runId: id, ordinal })) chunks.push(...event.chunks);
    return chunks;
  }
});
