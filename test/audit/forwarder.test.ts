import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { type Agent, noted, startAgent } from './agentRig.ts';

const patient = 60_000;

describe.skipIf(!has('useradd'))('the forwarder of the audit agent', () => {
  let agent: Agent;
  afterEach(() => agent?.stop());

  const commands = () => agent.receiver.of('command').map(({ session, number }) => `${session}:${number}`);

  it('loses nothing and doubles nothing, whenever it is killed and whatever the server does', async () => {
    agent = await startAgent();
    const expected: string[] = [];
    const modes = ['take', 'away', 'cut'] as const;
    for (let round = 0; round < 6; round++) {
      agent.receiver.mode = modes[round % 3] ?? 'take';
      for (let n = 0; n < 5; n++) {
        const session = `${2_000_000 + n}-1763800000000-${n}`;
        agent.note(session, noted(round + 1, `echo ${round}`));
        expected.push(`${session}:${round + 1}`);
      }
      // Anywhere in what it does just now.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      await agent.kill9();
      agent.ensure();
      await waitFor('it runs again', agent.pid, patient);
    }
    agent.receiver.mode = 'take';
    await waitFor('all have come', () => commands().length >= expected.length, patient);
    expect(commands().sort()).toEqual(expected.sort());
    expect(agent.receiver.refused).toEqual([]);
    expect(agent.receiver.of('started').length).toBeGreaterThan(1);
    expect(agent.receiver.of('dropped')).toEqual([]);
  });

  it('does what it has done no second time, when it died before it could clean up', async () => {
    agent = await startAgent();
    await waitFor('it has begun', () => agent.receiver.of('started').length === 1, patient);
    agent.receiver.mode = 'away';
    const session = '4000001-1763800000000-1';
    agent.note(session, noted(1, 'once'));
    const state = join(agent.spool, 'state');
    const entry = await waitFor(
      'it is in the queue',
      () =>
        readdirSync(join(state, 'queue')).find((name) =>
          readFileSync(join(state, 'queue', name, 'lines'), 'utf8').includes('once'),
        ),
      patient,
    );
    await waitFor('nothing is left of it', () => readdirSync(join(state, 'stage')).length === 0, patient);
    await agent.kill9();
    // As it was a moment before: in the queue, and the file of the shell still there. And a second entry, half made.
    writeFileSync(join(state, 'stage', `${session}.om.1.1000001`), noted(1, 'once'), { mode: 0o600 });
    writeFileSync(join(state, 'queue', entry, 'files'), `${session}.om.1.1000001\n`);
    mkdirSync(join(state, 'making'), { recursive: true });
    writeFileSync(join(state, 'making/lines'), 'half a rec');
    agent.receiver.mode = 'take';
    agent.ensure();
    await waitFor('it has come', () => commands().length > 0, patient);
    agent.note('4000002-1763800000000-1', noted(1, 'after'));
    await waitFor('the next has come', () => commands().includes('4000002-1763800000000-1:1'), patient);
    expect(commands()).toEqual([`${session}:1`, '4000002-1763800000000-1:1']);
    expect(agent.receiver.refused).toEqual([]);
  });

  it('says how many records it had no room for', async () => {
    agent = await startAgent({ spool: 1 });
    agent.receiver.mode = 'away';
    const text = 'x'.repeat(10_000);
    for (let n = 0; n < 60; n++)
      agent.note(`${2_000_000 + n}-1763800000000-1`, Array.from({ length: 10 }, (_, i) => noted(i + 1, text)).join(''));
    await waitFor('it says that it is full', () => agent.log().includes('is full'), patient);
    await waitFor('all is taken', () => readdirSync(join(agent.spool, 'in')).length === 0, patient);
    await waitFor('nothing waits', () => readdirSync(join(agent.spool, 'state/stage')).length === 0, patient);
    agent.receiver.mode = 'take';
    // What is lost is told once the queue is empty.
    const dropped = await waitFor('the loss is told', () => agent.receiver.of('dropped')[0], patient);
    const lost = Number(/^(\d+) spool full$/.exec(dropped.text)?.[1]);
    expect(lost + agent.receiver.of('command').length).toBe(600);
    expect(agent.receiver.refused).toEqual([]);
  });

  it('believes the kernel and no file: what is forged bears the uid of who wrote it', async () => {
    agent = await startAgent();
    const nobody = 65_534;
    const inbox = join(agent.spool, 'in');
    // A user cannot look into the folder, and can neither change nor remove what is another's.
    expect(statSync(inbox).mode & 0o7777).toBe(0o1733);
    execFileSync('sh', ['-c', 'umask 077; printf %s "$1" >"$2"', 'sh', noted(1, 'forged'), join(inbox, '11-1-1.om')], {
      uid: nobody,
    });
    for (const script of ['ls "$1"', 'rm -f "$1"/*.om && cat "$1"/*.om'])
      expect(() => execFileSync('sh', ['-c', script, 'sh', inbox], { uid: nobody, stdio: 'ignore' })).toThrow();
    const secret = join(agent.root, 'secret');
    writeFileSync(secret, noted(1, 'a secret of root'), { mode: 0o600 });
    linkSync(secret, join(inbox, '12-1-1.om'));
    // Links to it by its path, and by the way to it from where the forwarder puts what it takes.
    const way = relative(join(agent.spool, 'state/stage'), secret);
    execFileSync(
      'sh',
      ['-c', 'ln -s "$1" "$3/13-1-1.om"; ln -s "$2" "$3/13-2-2.om"; mkfifo "$3/14-1-1.om"', 'sh', secret, way, inbox],
      { uid: nobody },
    );
    mkdirSync(join(inbox, '15-1-1.om'));
    agent.note('16-1-1', `B\tnonsense\n${'y'.repeat(300_000)}\n`, nobody);
    writeFileSync(join(inbox, '17-1-1.om'), noted(1, 'written by anybody'));
    chmodSync(join(inbox, '17-1-1.om'), 0o666);
    writeFileSync(join(inbox, '$(touch x); a.om'), noted(1, 'a name'));
    agent.note('18-1-1', noted(1, 'good, \\ \x1b[31m \xff'.concat('中')), nobody);
    await waitFor(
      'the good one has come',
      () => agent.receiver.of('command').some(({ text }) => text.startsWith('good')),
      patient,
    );
    await waitFor('the others are spoken of', () => agent.receiver.of('dropped').length >= 6, patient);
    const seen = agent.receiver.of('command').map(({ uid, user, claimed, text }) => ({ uid, user, claimed, text }));
    expect(seen).toEqual(
      expect.arrayContaining([
        { uid: '65534', user: 'nobody', claimed: 'root', text: 'forged' },
        { uid: '65534', user: 'nobody', claimed: 'root', text: 'good, \\ \x1b[31m ÿ中' },
      ]),
    );
    expect(seen).toHaveLength(2);
    expect(agent.receiver.of('dropped').map(({ session, text }) => `${session} ${text}`)).toContain(
      '16-1-1 2 unreadable',
    );
    expect(agent.receiver.refused).toEqual([]);
    expect(readFileSync(secret, 'utf8')).toContain('a secret of root');
    // Swept away now and then.
    expect(readdirSync(inbox).sort()).toEqual(['$(touch x); a.om', '15-1-1.om']);
    await waitFor('nothing is left', () => readdirSync(join(agent.spool, 'state/stage')).length === 0, patient);
  });

  it('signs by the clock of the server, and tells how far its own is away', async () => {
    agent = await startAgent({ spool: 3 });
    const { receiver } = agent;
    const first = await waitFor('it tells how it does', () => receiver.of('heartbeat')[0], patient);
    expect(first.text).toMatch(/^version=\d+\.\d+\.\d+ waiting=\d+ kib=\d+ bound=3072 lost=0 offset=0$/);
    receiver.aheadSeconds = -7200;
    agent.note('4000001-1763800000000-1', noted(1, 'by another clock'));
    await waitFor('it has come', () => receiver.of('command').length === 1, patient);
    const beat = await waitFor('it tells of its clock', () => receiver.of('heartbeat')[1], patient);
    expect(beat.text).toMatch(/ offset=-7[12]\d\d$/);
    expect(agent.log()).toContain('the clock differs');
    expect(receiver.refused).toEqual([]);
  });

  it('tells of a command that is still running, and later how it ended', async () => {
    agent = await startAgent();
    const [began = '', ended = ''] = noted(1, 'long').split('\n');
    // A shell that lives.
    const session = `${process.pid}-1763800000000-1`;
    agent.note(session, `${began}\n`);
    await waitFor('it has come', () => agent.receiver.of('command').length === 1, patient);
    expect(agent.receiver.of('command')).toMatchObject([{ text: 'long', exit: '' }]);
    agent.note(session, `${ended.replace(/0$/, '7')}\n`);
    await waitFor('its end has come', () => agent.receiver.of('ended').length === 1, patient);
    expect(agent.receiver.of('ended')).toMatchObject([
      { session, number: '1', exit: '7', text: '', directory: '/srv' },
    ]);
    // No key is ever an argument.
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(agent.key.toString('hex'));
    expect(agent.receiver.refused).toEqual([]);
  });
});
