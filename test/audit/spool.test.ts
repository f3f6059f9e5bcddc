import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { type Agent, noted, startAgent } from './agentRig.ts';

const patient = 60_000;
const nobody = 65_534;

/** Runs shell as a user who may do nothing but write into the spool; `$1` is the folder there. */
const asNobody = (script: string, ...words: string[]) =>
  void execFileSync('sh', ['-c', `umask 077; cd "$1"; ${script}`, 'sh', ...words], { uid: nobody, gid: nobody });

describe.skipIf(!has('useradd'))('the spool of the audit agent, which everybody may write to', () => {
  let agent: Agent;
  afterEach(() => agent?.stop());

  it('takes no word of a link for a line about another file, and tells of what it does not believe', async () => {
    agent = await startAgent();
    await waitFor('it has begun', () => agent.receiver.of('started').length === 1, patient);
    const inbox = join(agent.spool, 'in');
    const secret = join(agent.root, 'secret');
    writeFileSync(secret, noted(1, 'a secret of root'), { mode: 0o600 });
    // What the forwarder adds to a name can be guessed: when it was started, and how often it has looked.
    const began = Math.floor(statSync(join(agent.spool, 'state/pid')).mtimeMs / 1000);
    const guesses = [0, 1, 2].flatMap((late) =>
      Array.from({ length: 80 }, (_, round) => `${began + late}.${1_000_000 + round}`),
    );
    const lines = guesses.flatMap((guess) =>
      ['21-1-1', '23-1-1'].map((name) => `-rw------- 1 0 0 200 Jan 1 00:00 ${name}.om.${guess}`),
    );
    const links = Array.from({ length: Math.ceil(lines.length / 50) }, (_, n) => lines.slice(n * 50, n * 50 + 50));
    asNobody(
      'printf %s "$2" >21-1-1.om; ln -s "$3" 23-1-1.om; n=0; shift 3; for to; do n=$((n+1)); ln -s "$to" 22-1-$n.om; done',
      ...[inbox, noted(1, 'forged'), secret],
      ...links.map((forged) => `x\n${forged.join('\n')}`),
    );
    asNobody(': >26-1-1.om', inbox);
    agent.note('25-1-1', noted(1, 'good'), nobody);
    await waitFor('it has come', () => agent.receiver.of('command').some(({ text }) => text === 'good'), patient);
    const seen = agent.receiver.of('command').map(({ uid, text }) => ({ uid, text }));
    expect(seen).toEqual(expect.arrayContaining([{ uid: '65534', text: 'forged' }]));
    expect(seen).toHaveLength(2);
    await waitFor('nothing is left', () => readdirSync(join(agent.spool, 'state/stage')).length === 0, patient);
    // Also the empty one: a flood of files is not to be silent.
    const dropped = agent.receiver.of('dropped').map(({ session, uid }) => `${session} of ${uid}`);
    const unread = ['22-1-1', '23-1-1', '26-1-1'].map((session) => `${session} of ${nobody}`);
    expect(dropped).toEqual(expect.arrayContaining(unread));
    expect(agent.receiver.refused).toEqual([]);
  });

  it('is not kept busy by what is of no shell, and sweeps it away', async () => {
    agent = await startAgent();
    await waitFor('it has begun', () => agent.receiver.of('started').length === 1, patient);
    const inbox = join(agent.spool, 'in');
    for (let n = 0; n < 6000; n++) {
      mkdirSync(join(inbox, `${n}-0-0.om/full`), { recursive: true });
      writeFileSync(join(inbox, `a name ${n}`), '');
    }
    mkdirSync(join(inbox, '9-9-9.om'));
    // What shells write to between: a name that is free while its shell lives is one for somebody's link.
    const scratch = join(agent.spool, 'tmp');
    const old = new Date(Date.now() - 48 * 3_600_000);
    const alive = `${process.pid}-1-1.5`;
    for (const name of [alive, '4194305-1-1.5', 'a name\nx']) {
      writeFileSync(join(scratch, name), '');
      utimesSync(join(scratch, name), old, old);
    }
    const from = performance.now();
    agent.note('3000025-1-1', noted(1, 'good'), nobody);
    await waitFor('it has come', () => agent.receiver.of('command').some(({ text }) => text === 'good'), patient);
    // A process for each of the names would take much longer; on a quiet machine it is two seconds.
    expect(performance.now() - from).toBeLessThan(15_000);
    await agent.kill9();
    agent.ensure();
    // A folder in which there is something stays: root does not go into it.
    await waitFor('it has swept', () => readdirSync(inbox).length === 6000, patient);
    expect(readdirSync(join(agent.spool, 'state/stage'))).toEqual([]);
    await waitFor('also what dead shells left', () => readdirSync(scratch).length <= 1, patient);
    expect(readdirSync(scratch)).toEqual([alive]);
  });

  it('is removed without going into folders of users, who could change them meanwhile', async () => {
    agent = await startAgent();
    const inbox = join(agent.spool, 'in');
    asNobody('mkdir full empty; : >full/kept; : >"a name"', inbox);
    const removed = await agent.run('audit.remove');
    expect(removed.exitCode).toBe(0);
    expect(removed.stderr).toContain(`${inbox} holds folders that users have filled`);
    expect(readdirSync(agent.spool)).toEqual(['in']);
    expect(readdirSync(inbox)).toEqual(['full']);
    expect(readdirSync(join(inbox, 'full'))).toEqual(['kept']);
  });
});
