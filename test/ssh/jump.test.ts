import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '../lab/keys.ts';
import { freePort } from '../lab/ports.ts';
import { type Sshd, startSshd } from '../lab/sshd.ts';
import { canRunSshd, refusal, runAt, soon, useSshLab } from './harness.ts';

// Needs sshd and throw-away users: root on a machine with OpenSSH.
describe.skipIf(!canRunSshd)('through real jump hosts', () => {
  const lab = useSshLab({ addresses: 40 });
  let jump: Sshd;
  let inner: Sshd;
  let closed: Sshd;
  beforeAll(async () => {
    [jump, inner, closed] = await Promise.all([
      startSshd(),
      startSshd(),
      startSshd({ config: ['AllowTcpForwarding no'] }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([jump, inner, closed].map((sshd) => sshd.stop()));
  });
  const over = (sshd: Sshd) =>
    lab.hop({
      address: sshd.address,
      port: sshd.port,
      trust: { keys: sshd.hostKeys, revoked: [], firstUse: 'refuse' },
    });

  it('carries 40 targets over one connection to the jump host', async () => {
    const fleet = lab.fleet();
    const before = jump.log().match(/Accepted publickey/g)?.length ?? 0;
    const outcomes = await Promise.all(
      lab.sshd.addresses.map((address) =>
        runAt(fleet, lab.target({ address, via: [over(jump)] }), 'echo $SSH_CONNECTION'),
      ),
    );
    expect(outcomes.map((outcome) => outcome.stdout.split(' ')[2])).toEqual(lab.sshd.addresses);
    expect((jump.log().match(/Accepted publickey/g)?.length ?? 0) - before).toBe(1);
    expect(fleet.stats().connections).toBe(41);
  });

  it('goes through two, and keeps the chains apart from direct connections', async () => {
    const fleet = lab.fleet();
    const twice = lab.target({ via: [over(jump), over(inner)] });
    expect((await runAt(fleet, twice, 'echo deep')).stdout).toBe('deep\n');
    expect((await runAt(fleet, lab.target(), 'echo flat')).stdout).toBe('flat\n');
    expect(fleet.stats().connections).toBe(4);
  });

  it('tells the target’s own failures from those of the jump host', async () => {
    const fleet = lab.fleet();
    const via = [over(jump)];
    const refused = await refusal(fleet, lab.target({ via, port: await freePort() }));
    expect([refused.reason, refused.hop]).toEqual(['refused', undefined]);
    const wrongKey = await refusal(fleet, lab.target({ via, username: 'nobody-here' }));
    expect([wrongKey.reason, wrongKey.hop]).toEqual(['auth_failed', undefined]);
    const changed = await refusal(
      fleet,
      lab.target({ via, trust: { keys: [generateKey()], revoked: [], firstUse: 'refuse' } }),
    );
    expect([changed.reason, changed.hop]).toEqual(['host_key_changed', undefined]);
    const unknown = await refusal(fleet, lab.target({ via, trust: { keys: [], revoked: [], firstUse: 'refuse' } }));
    expect([unknown.reason, unknown.offered?.key]).toEqual(['host_key_unknown', lab.sshd.hostKeys[0]?.key]);
  });

  it('names the jump host that failed, and why', async () => {
    const fleet = lab.fleet();
    const changedJump = { ...over(jump), trust: { keys: [generateKey()], revoked: [], firstUse: 'refuse' as const } };
    const first = await refusal(fleet, lab.target({ via: [changedJump, over(inner)] }));
    expect([first.reason, first.hop, first.offered?.key]).toEqual(['jump_failed', 1, jump.hostKeys[0]?.key]);
    const down = { ...over(inner), port: await freePort() };
    const second = await refusal(fleet, lab.target({ via: [over(jump), down] }));
    expect([second.reason, second.hop]).toEqual(['jump_failed', 2]);
    expect(second.message).toContain(`127.0.0.1:${down.port}`);
    const forbidden = await refusal(fleet, lab.target({ via: [over(closed)] }));
    expect([forbidden.reason, forbidden.hop]).toEqual(['jump_failed', 1]);
    expect(forbidden.message).toContain('AllowTcpForwarding');
  });

  it('ends the connections behind a jump host that dies', async () => {
    const fleet = lab.fleet();
    const victim = await startSshd();
    const lease = await fleet.acquire(lab.target({ via: [over(victim)] }), soon());
    const process = await lease.exec('sleep 60');
    await victim.stop();
    await expect(process.done).rejects.toMatchObject({ reason: 'closed' });
    expect(lease.alive).toBe(false);
    lease.release();
  });
});
