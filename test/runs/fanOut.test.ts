import type { HostRun } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { generateKey } from '../lab/keys.ts';
import { freePort } from '../lab/ports.ts';
import { type Sshd, startSshd } from '../lab/sshd.ts';
import { addHosts, hostName, outputOf, type Rig, runOn, startRig } from './rig.ts';

const good = 200;
const bad = 15;

describe.skipIf(!has('sshd'))('a run on 200 hosts of a real sshd', () => {
  let rig: Rig;
  let jump: Sshd;

  beforeAll(async () => {
    rig = await startRig({ hosts: good + bad, sshd: { config: ['LogLevel ERROR'] } });
    jump = await startSshd({ addresses: ['127.0.0.1'], config: ['LogLevel DEBUG1'] });
    const { client } = rig;
    await client.call('groups.assign', { path: 'all/good', selector: `h-[001-${good}]`, member: true });
    await client.call('credentials.add', {
      name: 'wrong',
      secret: { kind: 'key', privateKey: generateKey().privateKey },
    });
    const closed = await freePort();
    for (let i = 0; i < 5; i++) {
      await client.call('hosts.update', { name: hostName(good + i), changes: { name: `refused-${i}`, port: closed } });
      await client.call('hosts.update', {
        name: hostName(good + 5 + i),
        changes: { name: `wrong-${i}`, credential: 'wrong' },
      });
      await client.call('hosts.update', { name: hostName(good + 10 + i), changes: { name: `changed-${i}` } });
    }
    const other = generateKey();
    const known = rig.sshd.addresses
      .slice(good + 10)
      .map((address) => `[${address}]:${rig.sshd.port} ${other.publicLine}\n`);
    expect(await client.call('hostKeys.import', { text: known.join('') })).toMatchObject({ trusted: 5, problems: [] });
  });
  afterAll(async () => {
    await jump?.stop();
    await rig?.stop();
  });

  it('gives 200 correct results, and 15 hosts that cannot be reached each say why', async () => {
    const { run, hosts } = await runOn(rig.client, { module: 'system.uptime', selector: '*' });
    expect(run).toMatchObject({ state: 'partly_succeeded', total: good + bad, counts: { ok: good, unreachable: bad } });
    const reasons = (prefix: string) =>
      hosts.filter(({ name }) => name.startsWith(prefix)).map(({ state, reason }) => `${state} ${reason}`);
    expect(reasons('refused-')).toEqual(Array(5).fill('unreachable refused'));
    expect(reasons('wrong-')).toEqual(Array(5).fill('unreachable auth_failed'));
    expect(reasons('changed-')).toEqual(Array(5).fill('unreachable host_key_changed'));
    await expectUptimes(
      run.id,
      hosts.filter(({ state }) => state === 'ok'),
      good,
    );
    const { items } = await rig.client.call('hostKeys.list', { state: 'pending' });
    expect(items.filter(({ changed }) => changed)).toHaveLength(5);
  });

  it('gives the same through a jump host', async () => {
    const { client, user } = rig;
    await addHosts(client, [
      { name: 'jump', address: jump.address, port: jump.port, user: user.name, credential: 'lab' },
    ]);
    await client.call('zones.save', { zone: { name: 'hk', jumpHosts: ['jump'], hostKeyPolicy: 'accept' } });
    const moved = rig.sshd.addresses.slice(0, good).map((address, i) => ({
      ...{
        name: hostName(i),
        address,
        port: rig.sshd.port,
        user: user.name,
        credential: 'lab',
        zone: 'hk',
        groups: ['all/good'],
      },
    }));
    await addHosts(client, moved);
    const { run, hosts } = await runOn(client, { module: 'system.uptime', selector: 'zone:hk' });
    expect(run.counts).toMatchObject({ ok: good });
    await expectUptimes(run.id, hosts, good);
    expect(jump.log().match(/direct-tcpip/g)?.length ?? 0).toBeGreaterThanOrEqual(good);
  });

  async function expectUptimes(runId: string, hosts: HostRun[], count: number): Promise<void> {
    expect(hosts).toHaveLength(count);
    for (const { ordinal } of hosts)
      expect((await outputOf(rig.client, runId, ordinal)).toString()).toMatch(/load average/);
  }
});
