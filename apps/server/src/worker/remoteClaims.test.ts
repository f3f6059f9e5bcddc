import { OmError, type ParamsIn } from '@omanager/contract';
import { expect, test } from 'vitest';
import type { Exchange } from '../features/runs/claims/exchange.ts';
import { createHeldRuns } from './heldRuns.ts';
import { createRemoteClaims } from './remoteClaims.ts';
import type { ServerLink } from './serverLink.ts';

type Report = ParamsIn<'worker.report'>;

const orders = { control: 'run' as const, graceMs: 1, forced: false, outputBytes: 0 };
const scope = { owner: '', zones: { except: [] } };
const nothing: Exchange = { chunks: [], results: [], probed: [], begins: [], want: 0 };
const before = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };
const chunk = (seq: number, bytes: number) => ({
  ...{ ordinal: 0, attempt: 1, seq, stream: 'stdout' as const, lines: 0, before },
  data: Buffer.alloc(bytes),
});
const ok = (ordinal: number) => ({ ordinal, attempt: 1, state: 'ok' as const, exitCode: 0 });

/** Claims by way of a link that answers as told, and what was reported over it. */
function rig(refuse: (report: Report) => OmError | undefined = () => undefined) {
  const reports: Report[] = [];
  const calls: string[] = [];
  const gone: string[] = [];
  const held = createHeldRuns((runId) => gone.push(runId));
  // The link is typed by method; here one function answers all of them.
  const call = (async (name: string, params: Report) => {
    calls.push(name);
    if (name !== 'worker.report') return { begun: [], orders, ok: true };
    const refused = refuse(params);
    if (refused) throw refused;
    reports.push(params);
    return { accepted: params.results?.map(({ ordinal }) => ordinal) ?? [], shards: [], orders };
  }) as unknown as ServerLink['call'];
  const claims = createRemoteClaims({ link: { call }, instance: 'i', held, onShards: () => {}, log: { error() {} } });
  return { claims, held, reports, calls, gone };
}

test('what there is to say is cut into messages of bounded size, output before results', async () => {
  const { claims, reports } = rig();
  const chunks = [...Array(10)].map((_, i) => chunk(i + 1, 1_000_000));
  const results = [...Array(1200)].map((_, i) => ok(i));
  await claims.exchange('r', scope, { ...nothing, chunks, results });
  const sizes = reports.map(({ chunks: sent = [], results: said = [] }) => [sent.length, said.length]);
  expect(sizes).toEqual([
    [3, 0],
    [3, 0],
    [3, 0],
    [1, 0],
    [0, 500],
    [0, 500],
    [0, 200],
  ]);
  for (const report of reports) expect(JSON.stringify(report).length).toBeLessThan(6_000_000);
});

test('many small pieces are no more than a message may hold', async () => {
  const { claims, reports } = rig();
  await claims.exchange('r', scope, { ...nothing, chunks: [...Array(12_000)].map((_, i) => chunk(i + 1, 1)) });
  expect(reports.map(({ chunks = [] }) => chunks.length)).toEqual([5000, 5000, 2000]);
});

test('a little of everything is one message', async () => {
  const { claims, reports } = rig();
  await claims.exchange('r', scope, { ...nothing, chunks: [chunk(1, 100)], results: [ok(0)] });
  expect(reports).toMatchObject([{ chunks: [{ seq: 1 }], results: [{ ordinal: 0 }] }]);
});

test('what was claimed by the poll is handed out without asking anybody', async () => {
  const { claims, held, calls } = rig();
  held.add({ runId: 'r', orders, hosts: [1, 2].map((ordinal) => ({ ordinal, attempt: 1, task: 'run' })) });
  expect(await claims.unfinished()).toEqual(['r']);
  expect((await claims.exchange('r', scope, { ...nothing, want: 5 })).claimed).toHaveLength(2);
  expect(calls).toEqual([]);
  await claims.exchange('r', scope, { ...nothing, want: 5 });
  expect(calls).toEqual(['worker.report']);
});

test('a report that the server will never take does not hold a host for ever', async () => {
  const { claims, held, reports, gone } = rig(({ chunks = [] }) =>
    chunks.length > 0 ? new OmError('INVALID_PARAMS') : undefined,
  );
  held.add({ runId: 'r', orders, hosts: [{ ordinal: 0, attempt: 1, task: 'run' }] });
  held.take('r', 1);
  await claims.exchange('r', scope, { ...nothing, chunks: [chunk(1, 1)], results: [{ ...ok(0), message: 'm' }] });
  expect(reports).toMatchObject([{ results: [{ ordinal: 0, state: 'ok' }] }]);
  expect(reports[0]?.results?.[0]).not.toHaveProperty('message');
  expect(gone).toEqual(['r']);
});

test('a server that cannot answer is asked again with the same', async () => {
  const { claims, held, gone } = rig(() => new OmError('INTERNAL'));
  held.add({ runId: 'r', orders, hosts: [{ ordinal: 0, attempt: 1, task: 'run' }] });
  held.take('r', 1);
  await expect(claims.exchange('r', scope, { ...nothing, results: [ok(0)] })).rejects.toThrow();
  expect(gone).toEqual([]);
});

test('leases of all runs are renewed in one call, those that wait in an inbox as well', async () => {
  const { claims, held, calls } = rig();
  held.add({ runId: 'waits', orders, hosts: [{ ordinal: 7, attempt: 1, task: 'run' }] });
  await Promise.all(['a', 'b'].map((runId) => claims.renew(runId, '', [1, 2])));
  expect(calls).toEqual(['worker.renew']);
});
