import type { HostDraft } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { enrolUser, type Operator } from '../lab/operators.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { databases } from '../store/databases.ts';
import { createInside, startShells } from './insideRig.ts';
import { finishedRecording, sit } from './rig.ts';

/** What has to be gone is asked for until it is, however slow the machine. */
const patienceMs = 30_000;

describe.skipIf(!has('sshd', 'useradd', 'bash'))('a terminal whose server, or the way to it, is taken away', () => {
  let rig: Rig;
  let worker: Operator;

  beforeAll(async () => {
    rig = await startRig({ hosts: 5, user: { shell: '/bin/bash' } });
    worker = await enrolUser(rig.admin, 'worker', 'operator');
    await rig.client.call('zones.save', { zone: { name: 'far', hostKeyPolicy: 'accept' } });
    await rig.client.call('credentials.add', {
      name: 'second',
      secret: { kind: 'key', privateKey: rig.key.privateKey },
    });
  });
  afterAll(async () => {
    worker?.client.close();
    await rig?.stop();
  });

  /** Ends what was opened on a server, by this act; another server’s goes on. */
  async function endsBy(host: string, act: () => Promise<unknown>, message: RegExp): Promise<void> {
    const terminal = await sit(worker.client, host);
    const other = await sit(worker.client, 'h-005');
    await terminal.type('sleep 1234\r');
    const sleeps = () => rig.user.processes().some(({ command }) => command.includes('sleep 1234'));
    await waitFor('it sleeps', sleeps, patienceMs);
    await act();
    await waitFor('the shell is gone', () => !sleeps(), patienceMs);
    const recording = await finishedRecording(rig.client, terminal.id);
    expect(recording).toMatchObject({ state: 'ended', end: 'revoked', message: expect.stringMatching(message) });
    await other.type('echo still-$((40+2))\r');
    await other.sees('still-42');
    await worker.client.call('terminals.close', { id: other.id });
  }
  const set = (name: string, changes: Partial<HostDraft>) => () => rig.client.call('hosts.update', { name, changes });

  it('ends when the server is deleted', () =>
    endsBy('h-001', () => rig.client.call('hosts.remove', { names: ['h-001'] }), /h-001 was removed/));
  it('ends when the server is moved to another zone', () => endsBy('h-002', set('h-002', { zone: 'far' }), /changed/));
  it('ends when its credential is taken from the server', () =>
    endsBy('h-003', set('h-003', { credential: 'second' }), /changed/));
  it('goes on when only words about the server change', async () => {
    const terminal = await sit(worker.client, 'h-004');
    await set('h-004', { labels: { rack: '7' } })();
    // What takes this one away shows that it was looked at since.
    await endsBy('h-003', set('h-003', { user: 'somebody' }), /changed/);
    await terminal.type('echo still-$((40+2))\r');
    await terminal.sees('still-42');
  });
  it('ends when its user is removed', async () => {
    const gone = await enrolUser(rig.admin, 'gone', 'operator');
    await endsBy2(gone, () => rig.client.call('users.remove', { name: 'gone' }));
  });
  it('ends when the device is revoked', async () => {
    const lost = await enrolUser(rig.admin, 'lost', 'operator');
    const { items } = await rig.client.call('devices.list', {});
    await endsBy2(lost, () =>
      rig.client.call('devices.revoke', { id: items.find(({ userName }) => userName === 'lost')?.id ?? '' }),
    );
  });

  async function endsBy2(person: Operator, act: () => Promise<unknown>): Promise<void> {
    const terminal = await sit(person.client, 'h-005');
    await terminal.type('sleep 4321\r');
    const sleeps = () => rig.user.processes().some(({ command }) => command.includes('sleep 4321'));
    await waitFor('it sleeps', sleeps, patienceMs);
    await act();
    await waitFor('the shell is gone', () => !sleeps(), patienceMs);
    expect(await finishedRecording(rig.client, terminal.id)).toMatchObject({ state: 'ended', end: 'revoked' });
    person.client.close();
  }
});

describe.skipIf(!has('sshd', 'useradd', 'bash'))('a terminal whose owner loses one right of those it takes', () => {
  let shells: Awaited<ReturnType<typeof startShells>>;
  beforeAll(async () => {
    shells = await startShells();
  });
  afterAll(() => shells?.stop());

  for (const permission of ['terminal.open', 'credential.use'] as const)
    it(`ends without ${permission}`, async () => {
      const { db, close } = await (databases[0]?.open() ?? Promise.reject(new Error('no database')));
      const inside = createInside({ db, shells });
      try {
        const terminal = await inside.begin();
        await inside.terminals.recheck();
        expect((await inside.row(terminal.id))?.ended_at).toBeNull();
        inside.denied.add(permission);
        await inside.terminals.recheck();
        expect(await inside.over(terminal.id)).toMatchObject({ state: 'ended', ended_for: 'revoked' });
      } finally {
        await inside.terminals.close();
        await close();
      }
    });
});
