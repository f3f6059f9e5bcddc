import type { Client } from '@omanager/client';
import type { Run } from '@omanager/contract';
import { expect, it, vi } from 'vitest';
import type { Prompt } from '../io/prompt.ts';
import { fakeCli } from '../testing/fakeCli.ts';
import { makeRun, noCounts, runId } from '../testing/runs.ts';
import { followRun } from './follow.ts';

const waves = (second: Record<string, number>): Run['waves'] => [
  { size: 1, counts: { ok: 1 } },
  { size: 3, counts: second },
];
const paused = makeRun(
  'paused',
  {},
  {
    control: 'pause',
    waves: waves({ pending: 3 }),
    wave: 1,
    counts: { ...noCounts, ok: 1, pending: 3 },
    endedAt: null,
  },
);
const running = { ...paused, state: 'running', control: 'run' } as const;
const ended = makeRun('succeeded', { ok: 4 }, { waves: waves({ ok: 3 }), wave: null });

/** A server whose run is paused between waves until it is steered, or until `others` does so. */
function server(permissions = ['run.control']) {
  const calls: string[] = [];
  const steered = Promise.withResolvers<void>();
  const client = {
    async call(method: string) {
      calls.push(method);
      if (method === 'access.whoami') return { permissions };
      steered.resolve();
      return running;
    },
    async *stream(_: string, __: object, { signal }: { signal: AbortSignal }) {
      yield { run: paused, hosts: [], revision: 1 };
      signal.throwIfAborted();
      const letGo = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      await Promise.race([steered.promise, letGo]);
      yield { run: running, hosts: [], revision: 2 };
      yield { run: ended, hosts: [], revision: 3 };
    },
  };
  // The answers are typed by the contract at the edge of the real client.
  return { calls, others: steered.resolve, client: client as unknown as Client };
}

it.each(['y', 'YES', 'stop'])('asks for the next wave: %s', async (answer) => {
  const { cli, stderr } = fakeCli({ tty: true, answers: ['what?', answer] });
  const { client, calls } = server();
  const asked = vi.spyOn(cli.prompt, 'ask');
  expect((await followRun(cli, client, { runId }))?.state).toBe('succeeded');
  expect(calls).toEqual(['access.whoami', answer === 'stop' ? 'runs.stop' : 'runs.resume']);
  expect(asked).toHaveBeenCalledTimes(2);
  expect(asked.mock.calls[0]?.[0]).toBe('Continue with wave 2 (3 servers)? [y/N/stop] ');
  expect(stderr.text).toContain('Canary is over: ok 1.');
});

it('leaves it paused without a yes, says how to go on, and ends with 4', async () => {
  const { cli, stderr, exitCode } = fakeCli({ tty: true, answers: [''] });
  const { client, calls } = server();
  expect(await followRun(cli, client, { runId })).toBeNull();
  expect(calls).toEqual(['access.whoami']);
  expect(exitCode()).toBe(4);
  expect(stderr.text).toContain(`om runs resume ${runId}`);
});

it('asks nobody where there is no terminal, and lets go', async () => {
  const { cli, stdout, exitCode } = fakeCli({ json: true });
  const { client, calls } = server();
  expect(await followRun(cli, client, { runId })).toBeNull();
  expect([calls, exitCode()]).toEqual([[], 4]);
  const last = stdout.text.trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(last)).toEqual({ type: 'paused', runId, wave: 1, pending: 3 });
});

it('takes the question back when somebody else has answered it', async () => {
  const { cli } = fakeCli({ tty: true, answers: [] });
  const { client, calls, others } = server();
  const withdrawn = Promise.withResolvers<unknown>();
  const ask: Prompt['ask'] = (_question, _instead, withdraw) =>
    new Promise((_, reject) => {
      withdraw?.addEventListener('abort', () => {
        withdrawn.resolve(withdraw.reason);
        reject(withdraw.reason);
      });
      others();
    });
  const asking = { ...cli, prompt: { ...cli.prompt, ask } };
  expect((await followRun(asking, client, { runId }))?.state).toBe('succeeded');
  expect(await withdrawn.promise).toBeInstanceOf(Error);
  expect(calls).toEqual(['access.whoami']);
});

it('goes on waiting when told to, and for who may only look', async () => {
  for (const [permissions, waitPaused] of [
    [['run.read'], false],
    [['run.control'], true],
  ] as const) {
    const { cli } = fakeCli({ tty: true, answers: ['y'] });
    const { client, calls, others } = server([...permissions]);
    const followed = followRun(cli, client, { runId, waitPaused });
    await vi.waitFor(() => expect(calls).toEqual(waitPaused ? [] : ['access.whoami']));
    others();
    expect((await followed)?.state).toBe('succeeded');
    expect(calls).not.toContain('runs.resume');
  }
});

it('waits where somebody paused in the middle of a wave', async () => {
  const { cli } = fakeCli({ json: true });
  const middle = { ...paused, waves: waves({ ok: 1, pending: 2 }) };
  const client = {
    async *stream() {
      yield { run: middle, hosts: [], revision: 1 };
      yield { run: ended, hosts: [], revision: 2 };
    },
  };
  expect((await followRun(cli, client as unknown as Client, { runId }))?.state).toBe('succeeded');
});
