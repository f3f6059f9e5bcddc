import type { HostKey, HostRun } from '@omanager/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { generateKey } from '../lab/keys.ts';
import { type Sshd, type SshdOptions, startSshd } from '../lab/sshd.ts';
import { addHosts, finished, hostsOf, type Rig, runOn, startRig } from './rig.ts';

describe.skipIf(!has('sshd', 'useradd', 'openssl'))('host keys', () => {
  let rig: Rig;
  const servers: Sshd[] = [];

  beforeAll(async () => {
    rig = await startRig({ hosts: 1 });
    const { client, user } = rig;
    await client.call('credentials.add', { name: 'pass', secret: { kind: 'password', password: user.password } });
    for (const hostKeyPolicy of ['ask', 'accept'] as const)
      await client.call('zones.save', { zone: { name: hostKeyPolicy, hostKeyPolicy } });
    await addHosts(client, [
      { name: 'jump', address: rig.sshd.address, port: rig.sshd.port, user: user.name, credential: 'lab' },
    ]);
    for (const hostKeyPolicy of ['ask', 'accept'] as const)
      await client.call('zones.save', { zone: { name: `far-${hostKeyPolicy}`, jumpHosts: ['jump'], hostKeyPolicy } });
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  afterAll(() => rig?.stop());

  async function startServer(options: SshdOptions = {}): Promise<Sshd> {
    const sshd = await startSshd({ config: ['LogLevel DEBUG1'], ...options });
    servers.push(sshd);
    return sshd;
  }

  const addHost = (name: string, { address, port }: Sshd, zone: string, credential = 'lab') =>
    addHosts(rig.client, [{ name, address, port, user: rig.user.name, credential, zone }]);

  async function uptime(name: string): Promise<{ runId: string; host: Pick<HostRun, 'state' | 'reason' | 'message'> }> {
    const { run, hosts } = await runOn(rig.client, { module: 'system.uptime', selector: name });
    return { runId: run.id, host: only(hosts) };
  }

  const keysOf = async (host: string): Promise<HostKey[]> => (await rig.client.call('hostKeys.list', { host })).items;
  const ok = { state: 'ok', reason: null, message: null };
  const tried = (sshd: Sshd, method: string) => sshd.log().match(new RegExp(`method ${method}\\b`, 'g'))?.length ?? 0;

  it('that are known of another type mean that the host has changed', async () => {
    const sshd = await startServer({ hostKeys: ['rsa'] });
    await addHost('rsa-only', sshd, 'accept', 'pass');
    const text = `[${sshd.address}]:${sshd.port} ${generateKey('ed25519').publicLine}\n`;
    expect(await rig.client.call('hostKeys.import', { text, zone: 'accept' })).toMatchObject({ trusted: 1 });
    const { host } = await uptime('rsa-only');
    expect(host).toMatchObject({ state: 'unreachable', reason: 'host_key_changed' });
    expect(await keysOf('rsa-only')).toMatchObject([
      { type: 'ssh-ed25519', state: 'trusted', changed: false },
      { type: 'ssh-rsa', state: 'pending', changed: true, key: sshd.hostKeys[0]?.key },
    ]);
    expect(tried(sshd, '\\w+')).toBe(0);
  });

  it.each(['ask', 'far-ask'])('that are new wait for a yes in zone %s, and the same run then goes on', async (zone) => {
    const sshd = await startServer();
    const name = `new-in-${zone}`;
    await addHost(name, sshd, zone, 'pass');
    const { runId, host } = await uptime(name);
    expect(host).toMatchObject({ state: 'unreachable', reason: 'host_key_unknown' });
    expect(tried(sshd, '\\w+')).toBe(0);
    const [key] = await keysOf(name);
    expect(key).toMatchObject({ state: 'pending', changed: false, key: sshd.hostKeys[0]?.key });
    expect(host.message).toContain(key?.fingerprint);
    await rig.client.call('hostKeys.trust', { ids: [key?.id ?? ''] });
    await rig.client.call('runs.retry', { runId });
    await finished(rig.client, runId);
    expect(only(await hostsOf(rig.client, runId))).toMatchObject({ ...ok, attempt: 2 });
    expect(await keysOf(name)).toMatchObject([{ state: 'trusted', decidedBy: 'admin' }]);
    expect(sshd.log()).toContain('Accepted password');
  });

  it.each(['accept', 'far-accept'])(
    'that are accepted in zone %s are pinned before a password is sent',
    async (zone) => {
      const sshd = await startServer();
      const name = `first-in-${zone}`;
      await addHost(name, sshd, zone, 'pass');
      expect((await uptime(name)).host).toMatchObject(ok);
      expect(await keysOf(name)).toMatchObject([
        { state: 'trusted', decidedBy: 'zone policy', key: sshd.hostKeys[0]?.key },
      ]);
      // One connection to learn the key, on which nothing is tried, and one to sign in.
      const [first = '', second = ''] = connectionsTo(sshd);
      expect([first.match(/method \w+/g), second.match(/method password/g)?.length]).toEqual([null, 1]);
      await sshd.stop();

      const impostor = await startServer({ port: sshd.port });
      const { host } = await uptime(name);
      expect(host).toMatchObject({ state: 'unreachable', reason: 'host_key_changed' });
      expect(tried(impostor, '\\w+')).toBe(0);
      const pending = (await keysOf(name)).find(({ state }) => state === 'pending');
      expect(pending).toMatchObject({ changed: true, key: impostor.hostKeys[0]?.key });
      // Nobody says yes to a changed key without having read it on the server.
      const ids = [pending?.id ?? ''];
      await expect(rig.client.call('hostKeys.trust', { ids })).rejects.toMatchObject({ code: 'CONFLICT' });
      await rig.client.call('hostKeys.trust', { ids, fingerprint: pending?.fingerprint ?? '' });
      expect((await uptime(name)).host).toMatchObject(ok);
    },
  );

  it('of a jump host that changed close the way to all behind it', async () => {
    const [sshd, gate] = [await startServer(), await startServer()];
    await addHost('gate', gate, 'ask');
    const text = `[${gate.address}]:${gate.port} ${generateKey().publicLine}\n`;
    await rig.client.call('hostKeys.import', { text, zone: 'ask' });
    await rig.client.call('zones.save', {
      zone: { name: 'gated', jumpHosts: ['gate'], hostKeyPolicy: 'accept' },
    });
    await addHost('behind-gate', sshd, 'gated', 'pass');
    const { host } = await uptime('behind-gate');
    expect(host).toMatchObject({ state: 'unreachable', reason: 'jump_failed' });
    expect(host.message).toMatch(/Jump host .* offered another host key/);
    expect(connectionsTo(sshd)).toEqual([]);
    expect(tried(gate, '\\w+')).toBe(0);
    expect(await keysOf('gate')).toMatchObject([{ state: 'trusted' }, { state: 'pending', changed: true }]);
  });
});

/** What sshd said about each connection, but for the lab's own, by which it waits for sshd. */
function connectionsTo(sshd: Sshd): string[] {
  return sshd
    .log()
    .split(/^Connection from /m)
    .slice(2);
}

function only(hosts: HostRun[]): HostRun {
  const [host] = hosts;
  if (!host || hosts.length > 1) throw new Error(`one host was expected, not ${hosts.length}`);
  return host;
}
