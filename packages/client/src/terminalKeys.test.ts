import { OmError } from '@omanager/contract';
import { expect, it } from 'vitest';
import type { Client } from './client.ts';
import { createTerminalKeys } from './terminalKeys.ts';

/** A server that notes the keys it is sent; the first answers are these. */
function rig(answers: (OmError | null)[] = []) {
  const taken: { offset: number; text: string }[] = [];
  const failures: unknown[] = [];
  let next = Promise.withResolvers<void>();
  const call = async (_method: string, { offset, data }: { offset: number; data: string }) => {
    await Promise.resolve();
    const answer = answers.shift();
    if (answer) throw answer;
    taken.push({ offset, text: Buffer.from(data, 'base64').toString() });
    next.resolve();
    next = Promise.withResolvers();
    return { ok: true };
  };
  const stop = new AbortController();
  const keys = createTerminalKeys({
    ...{ client: { call } as unknown as Pick<Client, 'call'>, id: 't', writer: 'w', signal: stop.signal },
    onError: (error) => {
      failures.push(error);
      next.resolve();
    },
  });
  const type = (text: string) => keys.type(Buffer.from(text));
  return { keys, type, taken, failures, sent: () => next.promise };
}

it('keys that come before the terminal wait for it, and go in order', async () => {
  const { keys, type, taken, sent } = rig();
  type('ls');
  type(' -l\r');
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toEqual([]);
  const first = sent();
  keys.shown(0);
  await first;
  expect(taken).toEqual([{ offset: 0, text: 'ls -l\r' }]);
  const second = sent();
  type('q');
  await second;
  expect(taken.at(-1)).toEqual({ offset: 6, text: 'q' });
});

it('keys that the shell cannot take yet are sent again, from where they were', async () => {
  const { keys, type, taken, failures, sent } = rig([new OmError('BUSY', 'not there yet')]);
  keys.shown(0);
  const first = sent();
  type('id\r');
  await first;
  expect(taken).toEqual([{ offset: 0, text: 'id\r' }]);
  expect(failures).toEqual([]);
});

it('whoever was taken over sends nothing more', async () => {
  const { keys, type, taken, failures, sent } = rig([new OmError('CONFLICT', 'taken over')]);
  keys.shown(0);
  const first = sent();
  type('id\r');
  await first;
  expect(failures).toMatchObject([{ code: 'CONFLICT' }]);
  expect(taken).toEqual([]);
});
