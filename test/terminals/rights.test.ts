import { createHash } from 'node:crypto';
import { OmError, type ParamsIn, type StreamName } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCuttingProxy } from '../lab/cuttingProxy.ts';
import { has } from '../lab/have.ts';
import { enrolUser, type Operator } from '../lab/operators.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { finishedRecording, play, sit } from './rig.ts';

/** The requirement: what is taken away is gone everywhere within this time. */
const withinMs = 2000;

describe.skipIf(!has('sshd', 'useradd', 'bash'))('who may have, see and end a terminal', () => {
  let rig: Rig;
  let worker: Operator;
  let auditor: Operator;
  const people: Operator[] = [];
  const person = async (name: string, role: 'operator' | 'auditor' | 'viewer') => {
    const one = await enrolUser(rig.admin, name, role);
    people.push(one);
    return one;
  };

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, user: { shell: '/bin/bash' } });
    worker = await person('worker', 'operator');
    auditor = await person('auditor', 'auditor');
  });
  afterAll(async () => {
    for (const { client } of people) client.close();
    await rig?.stop();
  });

  it('nobody else reaches it by any method; an auditor looks on, is audited, and cannot type', async () => {
    const terminal = await sit(worker.client, 'h-001');
    await terminal.type('echo secret-$((40+2))\r');
    await terminal.sees('secret-42');
    const { id } = terminal;
    const [other, viewer] = [await person('other', 'operator'), await person('viewer', 'viewer')];
    const writer = uuid();
    const keys = { id, writer, offset: 0, data: Buffer.from('id\r').toString('base64'), shown: 0 };
    for (const [{ client }, code] of [
      [other, 'NOT_FOUND'],
      [viewer, 'FORBIDDEN'],
      [auditor, 'FORBIDDEN'],
    ] as const) {
      await expect(client.call('terminals.input', keys)).rejects.toMatchObject({ code });
      await expect(client.call('terminals.resize', { id, writer, cols: 9, rows: 9 })).rejects.toMatchObject({ code });
      await expect(client.call('terminals.close', { id })).rejects.toMatchObject({ code });
      expect(await firstOf(client, 'terminals.attach', { id, writer })).toBe(code);
    }
    for (const { client } of [other, viewer]) {
      for (const name of ['terminals.watch', 'recordings.play'] as const)
        expect(await firstOf(client, name, { id })).toBe('FORBIDDEN');
      await expect(client.call('recordings.get', { id })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      await expect(client.call('recordings.list', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
      const end = { id, confirm: 'h-001', reason: 'not my business' };
      await expect(client.call('terminals.terminate', end)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    }
    await expect(
      viewer.client.call('terminals.open', { id: uuid(), host: 'h-001', cols: 80, rows: 24 }),
    ).rejects.toThrow();
    expect((await other.client.call('terminals.list', {})).items).toEqual([]);

    const seen = await firstOf(auditor.client, 'terminals.watch', { id });
    expect(Buffer.from(seen, 'base64').toString()).toContain('secret-42');
    const { items } = await auditor.client.call('audit.list', { object: `terminal:${id}`, action: 'terminals.watch' });
    expect(items.map(({ actorName }) => actorName)).toEqual(['auditor']);

    const end = { id, confirm: 'h-002', reason: 'the test wants it so' };
    await expect(rig.client.call('terminals.terminate', end)).rejects.toMatchObject({ code: 'CONFIRM_REQUIRED' });
    await rig.client.call('terminals.terminate', { ...end, confirm: 'h-001' });
    expect(await terminal.ended()).toMatchObject({ end: 'terminated', message: 'admin: the test wants it so' });
    await waitFor('the shell is gone', () => rig.user.processes().every(({ command }) => !command.includes('bash')));
  });

  it('a demotion ends it, shell and all', async () => {
    const demoted = await person('demoted', 'operator');
    const terminal = await sit(demoted.client, 'h-001');
    await terminal.type('sleep 1000\r');
    await waitFor('it sleeps', () => rig.user.processes().some(({ command }) => command.includes('sleep 1000')));
    await rig.client.call('users.setRole', { name: 'demoted', role: 'viewer' });
    await waitFor(
      'the shell is gone',
      () => rig.user.processes().every(({ command }) => !command.includes('bash')),
      withinMs,
    );
    expect(await finishedRecording(auditor.client, terminal.id)).toMatchObject({ state: 'ended', end: 'revoked' });
    await waitFor(
      'the stream ends',
      () => terminal.failure instanceof OmError && terminal.failure.code === 'FORBIDDEN',
    );
  });

  it('after a cut it goes on in the same shell, without a lost or doubled byte, whatever was on its way', async () => {
    const proxy = await startCuttingProxy(rig.server.port);
    const client = worker.connect(proxy.port);
    const terminal = await sit(client, 'h-001');
    await terminal.type('x=same; for i in $(seq 1 200000); do echo line-$i; done; echo ready-$x\r');
    for (let cut = 0; cut < 3; cut++) {
      const before = terminal.received;
      await waitFor('output', () => terminal.received > before + 100_000 || terminal.text().includes('ready-same'));
      proxy.arm({ direction: 'down', bytes: 20_000 });
      await waitFor('the cut', () => proxy.cuts > cut || terminal.text().includes('ready-same'));
    }
    await terminal.sees('ready-same');
    await terminal.type('echo $x-again\r');
    await terminal.sees('same-again');
    await terminal.type('exit\r');
    await terminal.ended();
    expect(terminal.failure).toBeUndefined();
    await finishedRecording(auditor.client, terminal.id);
    const { output } = await play(auditor.client, terminal.id);
    const lines = output.toString().match(/line-\d+/g) ?? [];
    expect(lines.slice(-200_000)).toEqual(Array.from({ length: 200_000 }, (_, i) => `line-${i + 1}`));
    expect(createHash('sha256').update(output).digest('hex')).toBe(terminal.digest());
    client.close();
    await proxy.stop();
  });

  it('kill -9 of the server keeps what was recorded, marked as cut; the audit says so', async () => {
    const terminal = await sit(worker.client, 'h-001');
    await terminal.type('echo kept-$((40+2))\r');
    await terminal.sees('kept-42');
    await waitFor('it is stored', async () => (await play(auditor.client, terminal.id)).output.includes('kept-42'));
    await rig.server.kill9();
    await rig.server.restart();
    const recording = await finishedRecording(auditor.client, terminal.id);
    expect(recording).toMatchObject({ state: 'cut', end: 'server_died' });
    expect((await play(auditor.client, terminal.id)).output.toString()).toContain('kept-42');
    const { items } = await auditor.client.call('audit.list', {
      object: `terminal:${terminal.id}`,
      action: 'terminals.ended',
    });
    expect(items[0]?.details).toMatchObject({ sha256: recording.sha256, end: 'server_died' });
  });

  /** What a stream says first (its data), or why it does not. */
  async function firstOf<N extends StreamName>(
    client: Operator['client'],
    name: N,
    params: ParamsIn<N>,
  ): Promise<string> {
    try {
      for await (const event of client.stream(name, params)) return 'data' in event ? String(event.data) : 'an event';
      return 'nothing';
    } catch (error) {
      return error instanceof OmError ? error.code : String(error);
    }
  }
});
