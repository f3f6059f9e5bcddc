import type { Client } from '@omanager/client';
import { type Fold, OmError } from '@omanager/contract';
import { expect, it } from 'vitest';
import { Interrupted } from '../errors.ts';
import { fakeCli } from '../testing/fakeCli.ts';
import { at, makeHost, makeRun, runId } from '../testing/runs.ts';
import { followRun } from './follow.ts';
import { type Passed, withGate } from './gate.ts';
import { printResults } from './results.ts';

const chunk = (seq: number, stream: 'stdout' | 'stderr', text: string) => ({
  seq,
  stream,
  at,
  data: Buffer.from(text).toString('base64'),
});
const fold: Fold = {
  hash: 'h',
  state: 'ok',
  exitCode: 0,
  count: 2,
  ordinal: 0,
  hosts: ['web-0', 'web-1'],
  sample: [chunk(1, 'stdout', 'up 3 days\r\n\x1b]52;c;x\x07'), chunk(2, 'stderr', 'warn\n')],
  sampleTruncated: false,
};
const failed = [
  makeHost(2, 'failed', { exitCode: 3, message: 'exit code 3' }),
  makeHost(3, 'unreachable', { reason: 'host_key_changed', message: 'The key is another one' }),
];

/** Only what these functions call; the answers are typed by the contract at the edge of the real client. */
function fakeClient(answers: Record<string, unknown>): Client {
  return { call: async (name: string) => answers[name] } as unknown as Client;
}

const answers = { 'runs.folds': { items: [fold], total: 1 }, 'runs.hosts': { items: failed } };

it('folds equal outputs, names every failure with its reason, and sums up', async () => {
  const { cli, stdout, exitCode } = fakeCli();
  const run = makeRun('partly_succeeded', { ok: 2, failed: 1, unreachable: 1 });
  await printResults(cli, fakeClient(answers), run, { fold: true });
  expect(stdout.text.split('\n')).toEqual([
    'web-[0-1] (2)  ok',
    '  up 3 days',
    '! warn',
    '  \\x1b]52;c;x\\x07',
    '✕ failed (exit 3)  web-2 (1)',
    '    exit code 3',
    '✕ unreachable (host key changed)  web-3 (1)',
    '    The key is another one',
    'partly succeeded: ok 2, failed 1, unreachable 1 of 4 servers in 1.5 s',
    `run ${runId}`,
    `again where it was not ok: om runs retry ${runId}`,
    '',
  ]);
  expect(exitCode()).toBe(2);
});

it('without folding, says what was not kept, and how a host key becomes known', async () => {
  const { cli, stdout } = fakeCli();
  const host = makeHost(5, 'unreachable', {
    reason: 'host_key_unknown',
    message: 'Not known yet',
    durationMs: null,
    discardedBytes: 3 << 20,
  });
  const client = fakeClient({ 'runs.hosts': { items: [host] }, 'runs.output': { chunks: [], more: false } });
  await printResults(cli, client, makeRun('failed', { unreachable: 1 }), { fold: false });
  expect(stdout.text.split('\n').slice(0, 5)).toEqual([
    'web-5  unreachable',
    '  … 3.0 MiB more were written and not kept',
    '✕ unreachable (host key unknown)  web-5 (1)',
    '    Not known yet',
    '    then: om hostkeys trust web-5',
  ]);
});

it('gives programs lines of JSON', async () => {
  const { cli, stdout, exitCode } = fakeCli({ json: true });
  await printResults(cli, fakeClient(answers), makeRun('succeeded', { ok: 4 }), { fold: true });
  const lines = stdout.text.trim().split('\n');
  const [output, run] = lines.map((line): unknown => JSON.parse(line));
  expect(output).toMatchObject({ type: 'output', hosts: ['web-0', 'web-1'], stderr: 'warn' });
  expect(run).toMatchObject({ type: 'run', id: runId, state: 'succeeded' });
  expect(exitCode()).toBe(0);
});

it('lets go of a run on Ctrl-C and says how to come back', async () => {
  const controller = new AbortController();
  const { cli, stderr, exitCode } = fakeCli({ signal: controller.signal });
  const client = {
    async *stream() {
      yield { run: makeRun('running', { running: 4 }), hosts: [], revision: 1 };
      controller.abort(new Interrupted());
      controller.signal.throwIfAborted();
    },
  } as unknown as Client;
  expect(await followRun(cli, client, { runId })).toBeNull();
  expect(stderr.text).toContain(`om runs watch ${runId}`);
  expect(exitCode()).toBe(1);
});

it('asks for the phrase that the server wants', async () => {
  const { cli } = fakeCli({ answers: ['prod 4'] });
  const call = async ({ confirm }: Passed): Promise<string> => {
    if (confirm === 'prod 4') return 'started';
    throw new OmError('CONFIRM_REQUIRED', 'no', { phrase: 'prod 4' });
  };
  expect(await withGate(cli, 'This is disruptive.', {}, call)).toBe('started');
  const wrong = fakeCli({ answers: ['prod 5'] });
  await expect(withGate(wrong.cli, 'x', {}, call)).rejects.toThrow('Nothing was started');
});
