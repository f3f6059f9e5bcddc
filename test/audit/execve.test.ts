import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { waitFor } from '../lab/wait.ts';
import { type Agent, noted, startAgent } from './agentRig.ts';

const patient = 60_000;

/** The forwarder, and a log that is written here as auditd writes it. */
describe.skipIf(!has('useradd'))('the log of auditd', () => {
  let agent: Agent;
  let serial = 100;
  afterEach(() => agent?.stop());

  const log = (rotated = '') => join(agent.root, 'var/log/audit', `audit.log${rotated}`);
  const event = (word: string) => {
    serial++;
    const of = (type: string, rest: string) =>
      `type=${type} msg=audit(${Math.floor(Date.now() / 1000)}.123:${serial}): ${rest}\n`;
    return [
      of('SYSCALL', 'success=yes exit=0 auid=0 uid=65534 tty=pts3 ses=7 comm="x" key="omanager-execve"'),
      of('EXECVE', `argc=2 a0="true" a1="${word}"`),
      of('CWD', 'cwd="/srv"'),
      of('PROCTITLE', 'proctitle="x"'),
    ].join('');
  };
  const write = (...words: string[]) => appendFileSync(log(), words.map(event).join(''));
  const seen = () => agent.receiver.of('executed').map(({ text }) => text.replace('true ', ''));
  const come = (word: string) => waitFor(`${word} has come`, () => seen().includes(word), patient);

  /** With auditd "installed", and its log read from its end on. */
  async function start(params: Record<string, unknown> = {}): Promise<void> {
    agent = await startAgent({ execve: false });
    for (const folder of ['etc/audit/rules.d', 'var/log/audit'])
      mkdirSync(join(agent.root, folder), { recursive: true });
    appendFileSync(log(), event('before'));
    const { exitCode, stderr } = await agent.run('audit.install', { url: agent.receiver.url, execve: true, ...params });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    await waitFor('it has found the log', () => existsSync(join(agent.spool, 'state/position')), patient);
  }
  async function restart(): Promise<void> {
    await agent.kill9();
    agent.ensure();
    await waitFor('it runs again', agent.pid, patient);
  }

  it('is read from when it is wished, and rules stand where auditd reads them; all of it goes with the agent', async () => {
    await start();
    const rules = join(agent.root, 'etc/audit/rules.d/60-omanager-audit.rules');
    const written = readFileSync(rules, 'utf8');
    expect(
      written
        .trim()
        .split('\n')
        .every((line) => line.startsWith('-a always,exit -F arch=b')),
    ).toBe(true);
    expect(written).toContain('-F auid=0 -k omanager-execve');
    write('one');
    await come('one');
    expect(agent.receiver.of('executed')).toMatchObject([
      { uid: '65534', user: 'nobody', login: 'root', tty: 'pts/3', session: 'ses-7', number: '', directory: '/srv' },
    ]);
    expect((await agent.run('audit.status')).stdout).toContain(rules);
    // Not wished any more.
    await agent.run('audit.install', { url: agent.receiver.url });
    expect(existsSync(rules)).toBe(false);
    await agent.run('audit.install', { url: agent.receiver.url, execve: true });
    expect(readFileSync(rules, 'utf8')).toBe(written);
    expect((await agent.run('audit.remove')).exitCode).toBe(0);
    expect(existsSync(rules)).toBe(false);
    expect(agent.receiver.refused).toEqual([]);
  });

  it('is harmless where there is none', async () => {
    agent = await startAgent({ execve: true });
    expect((await agent.run('audit.status')).stdout).toContain('which is not there');
    agent.note('4000001-1763800000000-1', noted(1, 'typed'));
    await waitFor('what was typed has come', () => agent.receiver.of('command').length === 1, patient);
    expect(agent.receiver.of('dropped')).toEqual([]);
  });

  it('comes once and whole, over rotation, kills and a server that is away', async () => {
    await start();
    const expected: string[] = [];
    const modes = ['take', 'away', 'cut'] as const;
    for (let round = 0; round < 6; round++) {
      agent.receiver.mode = modes[round % 3] ?? 'take';
      const words = Array.from({ length: 5 }, (_, i) => `r${round}-${i}`);
      write(...words);
      if (round % 2 === 1) {
        for (const n of [2, 1]) if (existsSync(log(`.${n}`))) renameSync(log(`.${n}`), log(`.${n + 1}`));
        renameSync(log(), log('.1'));
        // An event that began before the log was rotated.
        const [call = '', ...rest] = event(`split-${round}`).split(/(?<=\n)/);
        appendFileSync(log('.1'), call);
        writeFileSync(log(), rest.join(''));
        words.push(`split-${round}`);
      }
      expected.push(...words);
      await restart();
    }
    agent.receiver.mode = 'take';
    write('last');
    await come('last');
    expect(seen()).toEqual([...expected, 'last']);
    expect(agent.receiver.of('dropped')).toEqual([]);
    expect(agent.receiver.refused).toEqual([]);
  });

  it('says what was rotated away before it could be read', async () => {
    await start();
    write('first');
    await come('first');
    await agent.kill9();
    write('lost', 'lost');
    rmSync(log());
    write('next');
    agent.ensure();
    await come('next');
    expect(seen()).toEqual(['first', 'next']);
    expect(agent.receiver.of('dropped').map(({ text }) => text)).toEqual([
      'execve: at most 2 audit events were rotated away before they were read',
    ]);
    // Cut in place.
    await agent.kill9();
    writeFileSync(log(), event('x').slice(0, 3));
    writeFileSync(log(), event('after'));
    agent.ensure();
    await come('after');
    expect(agent.receiver.of('dropped')).toHaveLength(2);
    expect(seen()).toEqual(['first', 'next', 'after']);
    // Where it was read is not known any more: that is told, and nothing comes twice.
    await agent.kill9();
    writeFileSync(join(agent.spool, 'state/position'), 'x');
    agent.ensure();
    await waitFor('it is told', () => agent.receiver.of('dropped').length === 3, patient);
    write('again');
    await come('again');
    expect(seen()).toEqual(['first', 'next', 'after', 'again']);
  });

  it('leaves room for what people type, and keeps what it has no room for', async () => {
    await start({ spool: 1 });
    agent.receiver.mode = 'away';
    // Three times as much as may wait: a quarter of the spool.
    const words = Array.from({ length: 6000 }, (_, i) => `${i}-${'x'.repeat(60)}`);
    for (let i = 0; i < words.length; i += 500) write(...words.slice(i, i + 500));
    await waitFor(
      'it has read some',
      () => !readFileSync(join(agent.spool, 'state/position'), 'utf8').includes(' - '),
      patient,
    );
    agent.note('4000001-1763800000000-1', noted(1, 'typed'));
    await waitFor('it is taken', () => !existsSync(join(agent.spool, 'in/4000001-1763800000000-1.om')), patient);
    await restart();
    agent.receiver.mode = 'take';
    await waitFor('all have come', () => seen().length >= words.length, patient);
    expect(seen()).toEqual(words);
    expect(agent.receiver.of('command').map(({ text }) => text)).toEqual(['typed']);
    expect(agent.receiver.of('dropped')).toEqual([]);
  });
});
