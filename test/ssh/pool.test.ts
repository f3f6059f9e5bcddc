import { describe, expect, it } from 'vitest';
import { generateKey } from '../lab/keys.ts';
import { killNow } from '../lab/processes.ts';
import { startSshd } from '../lab/sshd.ts';
import { waitFor } from '../lab/wait.ts';
import { canRunSshd, refusal, runAt, runOn, soon, useSshLab } from './harness.ts';

// Needs sshd and throw-away users: root on a machine with OpenSSH.
describe.skipIf(!canRunSshd)('the pool against a real sshd', () => {
  const lab = useSshLab({ addresses: 200 });
  const signIns = () => lab.sshd.log().match(/Accepted publickey for/g)?.length ?? 0;
  const allTargets = () => lab.sshd.addresses.map((address) => lab.target({ address }));

  it('gives 200 hosts 200 correct results, and meets none of them twice', async () => {
    const fleet = lab.fleet();
    const before = signIns();
    for (let round = 0; round < 3; round++) {
      const outcomes = await Promise.all(
        allTargets().map((target) => runAt(fleet, target, `echo ${round} $SSH_CONNECTION`)),
      );
      expect(outcomes.map(({ stdout }) => stdout.split(' ').filter((_, index) => index === 0 || index === 3))).toEqual(
        lab.sshd.addresses.map((address) => [`${round}`, address]),
      );
    }
    expect(signIns() - before).toBe(200);
    expect(fleet.stats()).toEqual({ connections: 200, idle: 200, channels: 0, connecting: 0, waiting: 0 });
  });

  it('keeps each failure to its own host', async () => {
    const fleet = lab.fleet();
    const trust = { keys: [generateKey()], revoked: [], firstUse: 'refuse' as const };
    const other = generateKey();
    const credential = { id: 'other', version: 1, auth: { kind: 'key' as const, privateKey: other.privateKey } };
    const results = await Promise.all(
      allTargets()
        .slice(0, 20)
        .map(async (target, index) => {
          if (index < 5) return (await refusal(fleet, { ...target, port: 1 })).reason;
          if (index < 10) return (await refusal(fleet, { ...target, credential })).reason;
          if (index < 15) return (await refusal(fleet, { ...target, trust })).reason;
          return (await runAt(fleet, target, 'echo fine')).stdout;
        }),
    );
    const five = <T>(value: T) => Array.from({ length: 5 }, () => value);
    expect(results).toEqual([
      ...five('refused'),
      ...five('auth_failed'),
      ...five('host_key_changed'),
      ...five('fine\n'),
    ]);
  });

  it('runs at most 8 commands at once on a connection, and 100 in all', async () => {
    const fleet = lab.fleet({ connectionsPerTarget: 1 });
    let running = 0;
    let most = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const lease = await fleet.acquire(lab.target(), soon());
        running++;
        most = Math.max(most, running);
        const outcome = await runOn(lease, `echo ${index}`);
        running--;
        lease.release();
        return outcome.stdout;
      }),
    );
    expect(outcomes).toEqual(Array.from({ length: 100 }, (_, index) => `${index}\n`));
    expect(most).toBe(8);
    expect(fleet.stats().connections).toBe(1);
  });

  it('makes a second connection when all places of the first are taken', async () => {
    const fleet = lab.fleet({ channelsPerConnection: 2 });
    const leases = await Promise.all(Array.from({ length: 4 }, () => fleet.acquire(lab.target(), soon())));
    expect(fleet.stats().connections).toBe(2);
    const stop = new AbortController();
    const fifth = fleet.acquire(lab.target(), stop.signal);
    expect(fleet.stats().waiting).toBe(1);
    stop.abort(new Error('no longer'));
    await expect(fifth).rejects.toThrow('no longer');
    expect(fleet.stats().waiting).toBe(0);
    for (const lease of leases) lease.release();
  });

  it('lets one lease run several commands, within the connection’s places', async () => {
    const fleet = lab.fleet({ channelsPerConnection: 2, connectTimeoutMs: 400 });
    const lease = await fleet.acquire(lab.target(), soon());
    const first = await lease.exec('exec sleep 60');
    const second = await lease.exec('exec sleep 60');
    expect(fleet.stats().channels).toBe(2);
    await expect(lease.exec('echo third')).rejects.toMatchObject({ reason: 'channel_refused' });
    first.kill();
    await first.done;
    expect((await runOn(lease, 'echo third')).stdout).toBe('third\n');
    second.kill();
    await second.done;
    lease.release();
  });

  it('says channel_refused when the host allows fewer channels, and then asks it for no more on that connection', async () => {
    const strict = await startSshd({ config: ['MaxSessions 1'] });
    try {
      const fleet = lab.fleet();
      const trust = { keys: strict.hostKeys, revoked: [], firstUse: 'refuse' as const };
      const target = lab.target({ address: strict.address, port: strict.port, trust });
      const lease = await fleet.acquire(target, soon());
      const ready = Promise.withResolvers<void>();
      const first = await lease.exec('echo ready; exec sleep 60', { onData: () => ready.resolve() });
      await ready.promise;
      await expect(lease.exec('echo second')).rejects.toMatchObject({ reason: 'channel_refused' });
      expect((await runAt(fleet, target, 'echo elsewhere')).stdout).toBe('elsewhere\n');
      expect(fleet.stats().connections).toBe(2);
      first.sendSignal('KILL');
      await first.done;
      lease.release();
      await waitFor('the full connection is closed', () => fleet.stats().connections === 1);
      await fleet.close();
    } finally {
      await strict.stop();
    }
  });

  it('closes what is idle for long enough', async () => {
    const fleet = lab.fleet({ idleMs: 200 });
    const busy = await fleet.acquire(lab.target(), soon());
    await runAt(fleet, lab.target({ address: lab.sshd.addresses[1] ?? '' }), 'true');
    await waitFor('the idle connection is closed', () => fleet.stats().connections === 1);
    expect((await runOn(busy, 'echo kept')).stdout).toBe('kept\n');
    busy.release();
    await waitFor('the other one too', () => fleet.stats().connections === 0);
  });

  it('makes room by closing what was idle the longest, and lets others wait', async () => {
    const fleet = lab.fleet({ maxConnections: 2 });
    const [a, b, c] = allTargets();
    if (!a || !b || !c) throw new Error('the lab has too few addresses');
    await runAt(fleet, a, 'true');
    const held = await fleet.acquire(b, soon());
    await runAt(fleet, c, 'true');
    expect(fleet.stats()).toMatchObject({ connections: 2, idle: 1 });
    const alsoHeld = await fleet.acquire(c, soon());
    const before = signIns();
    const waiting = runAt(fleet, a, 'echo at last');
    await waitFor('it waits', () => fleet.stats().waiting === 1);
    held.release();
    expect((await waiting).stdout).toBe('at last\n');
    expect(signIns() - before).toBe(1);
    alsoHeld.release();
  });

  it('notices that an idle connection has died, before anything is sent on it', async () => {
    const fleet = lab.fleet({ probeAfterMs: 0 });
    await runAt(fleet, lab.target(), 'true');
    for (const pid of lab.sshd.sessionPids(lab.user.name)) killNow(pid);
    expect((await runAt(fleet, lab.target(), 'echo new')).stdout).toBe('new\n');
  });

  it('never lends a connection to another version of the credential, other trust or another user', async () => {
    const fleet = lab.fleet();
    const target = lab.target();
    await runAt(fleet, target, 'true');
    const stale = {
      ...target,
      credential: {
        ...target.credential,
        version: 2,
        auth: { kind: 'key' as const, privateKey: generateKey().privateKey },
      },
    };
    expect((await refusal(fleet, stale)).reason).toBe('auth_failed');
    expect((await refusal(fleet, { ...target, username: 'root' })).reason).toBe('auth_failed');
    expect((await refusal(fleet, { ...target, trust: { ...target.trust, keys: [generateKey()] } })).reason).toBe(
      'host_key_changed',
    );
    expect((await refusal(fleet, { ...target, trust: { ...target.trust, keys: [], firstUse: 'refuse' } })).reason).toBe(
      'host_key_unknown',
    );
  });

  it('ends what a revoked credential opened: idle at once, busy within 5 s, behind jump hosts too', async () => {
    const fleet = lab.fleet();
    const jump = {
      ...lab.hop({ address: lab.sshd.addresses[1] ?? '' }),
      credential: { ...lab.hop().credential, id: 'jump' },
    };
    const behind = await fleet.acquire(lab.target({ via: [jump] }), soon());
    const direct = await fleet.acquire(lab.target(), soon());
    await runAt(fleet, lab.target({ address: lab.sshd.addresses[2] ?? '' }), 'true');
    expect(fleet.stats()).toMatchObject({ connections: 4, idle: 1 });

    const process = await behind.exec('sleep 60');
    fleet.closeCredential('jump');
    const start = performance.now();
    await expect(process.done).rejects.toMatchObject({ reason: 'closed' });
    expect(performance.now() - start).toBeLessThan(5000);
    expect((await runOn(direct, 'echo other credential')).stdout).toBe('other credential\n');

    fleet.closeCredential('lab', 1);
    expect((await runOn(direct, 'echo kept version')).stdout).toBe('kept version\n');
    fleet.closeCredential('lab');
    await waitFor('the idle connection is closed', () => fleet.stats().connections === 1);
    direct.release();
    behind.release();
    await waitFor('the other one too, once unused', () => fleet.stats().connections === 0);
  });

  it('fails who waits for a connection with a credential that is revoked meanwhile', async () => {
    const fleet = lab.fleet({ channelsPerConnection: 1, connectionsPerTarget: 1 });
    const lease = await fleet.acquire(lab.target(), soon());
    const waiting = fleet.acquire(lab.target(), soon());
    fleet.closeCredential('lab');
    await expect(waiting).rejects.toMatchObject({ reason: 'closed' });
    lease.release();
  });

  it('ends everything when it is closed', async () => {
    const fleet = lab.fleet();
    const lease = await fleet.acquire(lab.target(), soon());
    const process = await lease.exec('sleep 60');
    await fleet.close();
    await expect(process.done).rejects.toMatchObject({ reason: 'closed' });
    await expect(fleet.acquire(lab.target(), soon())).rejects.toMatchObject({ reason: 'closed' });
  });
});
