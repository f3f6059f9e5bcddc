import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@omanager/client';
import type { HostRun } from '@omanager/contract';
import { expect, it } from 'vitest';
import { fakeCli } from '../testing/fakeCli.ts';
import { tempFolder } from '../testing/tempFolder.ts';
import { saveOutput } from './saveOutput.ts';

const runId = '01890000-0000-7000-8000-000000000002';
const bytes = Buffer.from([0, 255, 10, 13, 27, 128, 10]);
const pages = [
  [{ seq: 1, stream: 'stdout', data: bytes.subarray(0, 3).toString('base64') }],
  [
    { seq: 2, stream: 'stderr', data: Buffer.from('careful').toString('base64') },
    { seq: 3, stream: 'stdout', data: bytes.subarray(3).toString('base64') },
  ],
];

/** The answers are typed by the contract at the edge of the real client; so is a server of a run below. */
function clientOf(fail = false): Client {
  return {
    async call(_: string, { after }: { after: number }) {
      if (fail && after > 0) throw new Error('cut');
      return { chunks: pages[after], more: after === 0 };
    },
  } as never;
}

const hostOf = (rest: Partial<HostRun> = {}) =>
  ({ name: 'web-01', ordinal: 0, attempt: 1, state: 'ok', discardedBytes: 0, ...rest }) as HostRun;
const wanted = (path: string, host = hostOf()) => ({ runId, host, attempt: undefined, path });

it('writes standard output byte for byte, all pages, for its owner only', async () => {
  const { cli, stdout, exitCode } = fakeCli();
  const path = join(tempFolder(), 'out');
  await saveOutput(cli, clientOf(), wanted(path));
  expect(readFileSync(path)).toEqual(bytes);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(stdout.text).toContain('(7 bytes)');
  expect(exitCode()).toBe(0);
});

it('overwrites nothing', async () => {
  const path = join(tempFolder(), 'out');
  writeFileSync(path, 'mine');
  await expect(saveOutput(fakeCli().cli, clientOf(), wanted(path))).rejects.toThrow('is there already');
  expect(readFileSync(path, 'utf8')).toBe('mine');
});

it('leaves nothing behind when the output does not come whole', async () => {
  const path = join(tempFolder(), 'out');
  await expect(saveOutput(fakeCli().cli, clientOf(true), wanted(path))).rejects.toThrow('cut');
  expect(() => statSync(path)).toThrow('ENOENT');
});

it('ends with 2 and says why where the server is not ok', async () => {
  const { cli, stderr, exitCode } = fakeCli();
  await saveOutput(
    cli,
    clientOf(),
    wanted(join(tempFolder(), 'out'), hostOf({ state: 'failed', message: 'no such file' })),
  );
  expect(stderr.text).toContain('it is failed: no such file');
  expect(exitCode()).toBe(2);
});

it('ends with 1 where not all was kept, and waits for the end of what still writes', async () => {
  const { cli, stderr, exitCode } = fakeCli();
  const folder = tempFolder();
  await saveOutput(cli, clientOf(), wanted(join(folder, 'a'), hostOf({ discardedBytes: 2048 })));
  expect(stderr.text).toContain('2.0 KiB more');
  expect(exitCode()).toBe(1);
  const running = wanted(join(folder, 'b'), hostOf({ state: 'running' }));
  await expect(saveOutput(cli, clientOf(), running)).rejects.toThrow('web-01 is running');
});
