import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { killNow } from '../lab/processes.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { createOm, loginWith, type Om } from './om.ts';

const launcher = fileURLToPath(new URL('../../apps/cli/bin/om', import.meta.url));

describe.skipIf(!has('sshd', 'useradd', 'script'))('om ssh, at a terminal', () => {
  let rig: Rig;
  let om: Om;
  const begun: ChildProcess[] = [];

  beforeAll(async () => {
    rig = await startRig({ hosts: 1 });
    om = createOm();
    const { link } = await rig.client.call('invites.create', { role: 'operator' });
    await loginWith(om, link, 'ada');
  });
  afterAll(async () => {
    for (const { pid } of begun) if (pid !== undefined) killNow(pid);
    om?.remove();
    await rig?.stop();
  });

  /** Somebody who sits at a terminal of their own and starts om in it. */
  function sit(command: string) {
    const child = spawn('script', ['-qfec', `${launcher} ${command}`, '/dev/null'], {
      env: { PATH: process.env.PATH ?? '', HOME: om.home, OM_HOME: om.home, LANG: 'C.UTF-8', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    begun.push(child);
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const done = once(child, 'close').then(([code]) => ({ code, shown }));
    return {
      type: (text: string) => child.stdin.write(text),
      sees: (text: string) => waitFor(`${text} on the terminal`, () => shown.includes(text), 30_000),
      done,
    };
  }
  const newest = async () => (await rig.client.call('recordings.list', { limit: 1 })).items[0];

  it('is a shell on the server, says that it is recorded, and ends as the shell does', async () => {
    const terminal = sit('ssh h-001');
    await terminal.sees('This terminal is recorded');
    terminal.type('stty size; echo "你好-$((6 * 7))"\r');
    await terminal.sees('你好-42');
    terminal.type('exit 7\r');
    const { code, shown } = await terminal.done;
    expect(shown).toMatch(/\r\nThe terminal has ended: the shell is over, exit 7\.\r\n/);
    expect(shown).not.toMatch(/\\r|\\n|\\u/);
    expect(code).not.toBe(0);
    expect(await newest()).toMatchObject({ host: 'h-001', userName: 'ada', state: 'ended', end: 'exited' });
    const fine = sit('ssh h-001');
    await fine.sees('This terminal is recorded');
    fine.type('exit\r');
    expect(await fine.done).toMatchObject({ code: 0 });
  });

  it('is left and closed with ~. at the beginning of a line', async () => {
    const terminal = sit('ssh h-001');
    await terminal.sees('$ ');
    terminal.type('echo ~.\r');
    await terminal.sees('echo ~.');
    terminal.type('~.');
    expect((await terminal.done).code).toBe(0);
    expect(await newest()).toMatchObject({ state: 'ended', end: 'closed' });
  });

  it('says what to do where it cannot be', async () => {
    const nobody = sit('ssh h-009');
    expect(await nobody.done).toMatchObject({ code: 3, shown: expect.stringContaining('h-009') });
    const piped = await om('ssh', 'h-001');
    expect(piped).toMatchObject({ code: 3, stderr: expect.stringContaining('om run') });
  });
});
