import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { openRawChannel, outcomeOf, type RawChannel } from '../lab/rawChannel.ts';
import { waitFor } from '../lab/wait.ts';
import type { LabWorker } from '../lab/zoneWorker.ts';
import { startZoneWorker } from '../lab/zoneWorker.ts';
import { hostsOf, outputOf, start } from '../runs/rig.ts';
import { startWorkerRig, type WorkerRig } from './workerRig.ts';

describe.skipIf(!has('sshd', 'useradd'))('which workers there are', () => {
  let rig: WorkerRig;
  const channels: RawChannel[] = [];

  beforeAll(async () => {
    rig = await startWorkerRig({ hosts: 8 });
  }, 120_000);
  afterAll(async () => {
    for (const channel of channels) channel.close();
    await rig?.stop();
  });

  /** A connection with a worker's own key, that says what it is told. */
  async function forge(worker: LabWorker): Promise<RawChannel> {
    const { serverPublicKey } = rig.admin;
    const channel = await openRawChannel({ url: rig.server.url, serverPublicKey, keyPair: worker.keyPair() });
    channels.push(channel);
    return channel;
  }

  const instance = crypto.randomUUID();
  const claim = { instance, version: '0', want: 10, waitMs: 0 };

  it('one that nobody let in says its key and the command, waits, and works when it is let in', async () => {
    await rig.zone('late', 1);
    const { serverPublicKey } = rig.admin;
    const worker = await startZoneWorker({ name: 'w', zone: 'late', ports: [rig.server.port], serverPublicKey });
    try {
      await waitFor('it says how it is let in', () =>
        worker.logs().includes(`om workers add NAME --zone late --key ${worker.publicKey}`),
      );
      const stranger = await forge(worker);
      for (const method of ['worker.claim', 'hosts.list', 'access.whoami'])
        expect(outcomeOf(await stranger.call(method, claim))).toBe('NOT_ENROLLED');
      await rig.client.call('workers.add', { name: 'late-1', zone: 'late', publicKey: worker.publicKey });
      await worker.working();
      expect(outcomeOf(await stranger.call('worker.claim', claim))).toBe('ok');
    } finally {
      await worker.stop();
    }
  });

  it('one for another zone than it was let in for does not work', async () => {
    await rig.zone('this', 0);
    await rig.zone('that', 0);
    const { serverPublicKey } = rig.admin;
    const worker = await startZoneWorker({ name: 'x', zone: 'this', ports: [rig.server.port], serverPublicKey });
    try {
      await rig.client.call('workers.add', { name: 'x', zone: 'that', publicKey: worker.publicKey });
      await waitFor('it ends', () => worker.exitCode !== null);
      expect(worker.exitCode).toBe(3);
      expect(worker.logs()).toContain('for the zone that, not for this');
    } finally {
      await worker.stop();
    }
  });

  it('names and keys are given once, to keys that are whole and nobody’s', async () => {
    const { client, admin } = rig;
    const add = (name: string, publicKey: string, zone = 'default') =>
      client.call('workers.add', { name, zone, publicKey }).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
    const key = 'A'.repeat(42);
    expect(await add('one', `${key}E`)).toBe('ok');
    expect(await add('one', `${key}I`)).toBe('CONFLICT');
    expect(await add('two', `${key}E`)).toBe('CONFLICT');
    expect(await add('two', `${key}F`)).toBe('INVALID_PARAMS');
    expect(await add('two', `${key}I`, 'nowhere')).toBe('NOT_FOUND');
    const device = Buffer.from(admin.keyPair.publicKey).toString('base64url');
    expect(await add('two', device)).toBe('CONFLICT');
    await client.call('workers.revoke', { name: 'one' });
    expect(await add('two', `${key}E`)).toBe('CONFLICT');
    expect(await add('one', `${key}I`)).toBe('ok');
    await client.call('workers.revoke', { name: 'one' });
    const { items } = await client.call('audit.list', { limit: 20 });
    expect(items.map(({ action, object, outcome }) => [action, object, outcome])).toContainEqual([
      'workers.revoke',
      'worker:one',
      'done',
    ]);
  });

  it('a revoked one is cut off at once, its servers become lost, and its key is nobody’s', async () => {
    await rig.zone('gone', 1);
    const worker = await rig.worker('gone-1', 'gone');
    const channel = await forge(worker);
    expect(outcomeOf(await channel.call('worker.claim', claim))).toBe('ok');
    const { id } = await start(rig.client, { module: 'zone.hold', selector: 'zone:gone', params: { folder: '/tmp' } });
    await waitFor('it runs', async () => (await hostsOf(rig.client, id))[0]?.state === 'running');
    await rig.client.call('workers.revoke', { name: 'gone-1' });
    expect(await channel.closed).toMatchObject({ code: 4401, reason: 'this worker was revoked' });
    await waitFor('it ends', () => worker.exitCode !== null);
    expect(worker.exitCode).toBe(3);
    await waitFor('its server is lost', async () => (await hostsOf(rig.client, id))[0]?.state === 'lost', 8000);
    const again = await forge(worker);
    expect(outcomeOf(await again.call('worker.claim', claim))).toBe('NOT_ENROLLED');
    const { items } = await rig.client.call('workers.list', {});
    expect(items.find(({ name }) => name === 'gone-1')).toMatchObject({ state: 'revoked', hosts: 0 });
  });

  describe('a worker of zone A, with whatever its key allows', () => {
    let channel: RawChannel;
    let runId: string;

    beforeAll(async () => {
      await rig.zone('a', 1);
      await rig.zone('b', 1);
      const [a] = [await rig.worker('a-1', 'a'), await rig.worker('b-1', 'b')];
      channel = await forge(a);
      const { id } = await start(rig.client, {
        module: 'zone.hold',
        selector: 'zone:a,zone:b',
        params: { folder: '/tmp' },
      });
      runId = id;
      await waitFor('both run', async () => (await hostsOf(rig.client, id)).every(({ state }) => state === 'running'));
    });
    afterAll(() => rig.client.call('runs.abort', { runId, graceMs: 0 }));

    const ordinalOf = async (zone: string) =>
      (await hostsOf(rig.client, runId)).find(({ name }) => name === `${zone}-1`)?.ordinal ?? -1;
    const before = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };
    const chunk = (ordinal: number) => ({
      ...{ ordinal, attempt: 1, seq: 900, stream: 'stdout', data: Buffer.from('forged').toString('base64') },
      ...{ lines: 1, before },
    });

    it('claims nothing of zone B', async () => {
      const { id } = await start(rig.client, { module: 'zone.who', selector: 'zone:b' });
      const { result } = await channel.call('worker.claim', claim);
      expect(result).toMatchObject({ settings: { zone: 'a' }, shards: [] });
      expect(id).toBeTypeOf('string');
    });

    it.each([
      ['begins nothing', 'worker.begin', (ordinal: number) => ({ hosts: [{ ordinal, attempt: 1 }] })],
      [
        'writes no result',
        'worker.report',
        (ordinal: number) => ({ want: 0, results: [{ ordinal, attempt: 1, state: 'ok' }] }),
      ],
      ['writes no output', 'worker.report', (ordinal: number) => ({ want: 0, chunks: [chunk(ordinal)] })],
      [
        'pins no host key',
        'worker.report',
        (ordinal: number) => ({ want: 0, hostKeys: [{ ordinal, hop: null, key: 'AAAA', why: 'accepted' }] }),
      ],
      [
        'answers no probe',
        'worker.report',
        (ordinal: number) => ({
          want: 0,
          probed: [
            {
              ...{ ordinal, attempt: 1, ask: 'look', found: 'finished', exitCode: 0 },
              ...{ pid: null, survivors: [], message: '', tail: null },
            },
          ],
        }),
      ],
    ])('%s there', async (_what, method, params) => {
      const ordinal = await ordinalOf('b');
      expect(outcomeOf(await channel.call(method, { instance, runId, ...params(ordinal) }))).toBe('FORBIDDEN');
      expect((await hostsOf(rig.client, runId)).map(({ state }) => state)).toEqual(['running', 'running']);
    });

    it('another process of it changes nothing of what the first holds either', async () => {
      const ordinal = await ordinalOf('a');
      const results = [{ ordinal, attempt: 1, state: 'ok' }];
      const answer = await channel.call('worker.report', {
        instance,
        runId,
        want: 0,
        results,
        chunks: [chunk(ordinal)],
      });
      expect(answer.result).toMatchObject({ accepted: [] });
      expect((await hostsOf(rig.client, runId)).map(({ state }) => state)).toEqual(['running', 'running']);
      expect((await outputOf(rig.client, runId, ordinal)).toString()).not.toContain('forged');
      // Nor is it shown a plan of which it holds nothing.
      const asked = { ...claim, want: 0, plan: { runId, part: 0 } };
      expect(outcomeOf(await channel.call('worker.claim', asked))).toBe('FORBIDDEN');
    });

    it('signs in, enrols and reads nothing', async () => {
      const { userName, password, session } = rig.admin;
      const refused = async (method: string, params: object) => outcomeOf(await channel.call(method, params));
      expect(await refused('access.signIn', { userName, password })).toBe('FORBIDDEN');
      expect(await refused('access.resume', { session })).toBe('FORBIDDEN');
      expect(await refused('hosts.list', {})).toBe('FORBIDDEN');
      expect(await refused('runs.output', { runId, ordinal: 0 })).toBe('FORBIDDEN');
      expect(await refused('workers.list', {})).toBe('FORBIDDEN');
    });

    it('was refused, and that is in the audit under its name', async () => {
      const { items } = await rig.client.call('audit.list', { limit: 50 });
      const refusals = items.filter(
        ({ outcome, actorKind, actorName }) => outcome === 'refused' && actorKind === 'worker' && actorName === 'a-1',
      );
      expect(refusals.map(({ action }) => action)).toContain('worker.report');
    });
  });
});
