import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { fingerprint, type OfferedHostKey, type SshCredential } from '@omanager/ssh-fleet';
import { describe, expect, it } from 'vitest';
import { generateKey, type KeyPair } from '../lab/keys.ts';
import { freePort } from '../lab/ports.ts';
import { startSshd } from '../lab/sshd.ts';
import { canRunSshd, refusal, runAt, soon, useSshLab } from './harness.ts';

const password = (text: string): SshCredential => ({
  id: 'password',
  version: 1,
  auth: { kind: 'password', password: text },
});
const privateKey = (key: string, passphrase?: string): SshCredential => ({
  id: 'key',
  version: 1,
  auth: { kind: 'key', privateKey: key, passphrase },
});
const trusted = (keys: KeyPair[]) => ({ keys, revoked: [], firstUse: 'refuse' as const });

/** A TCP server on a free loopback port, for what is no SSH server. */
async function listen(onConnection: (socket: Socket) => void): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    onConnection(socket);
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

// Needs sshd and throw-away users: root on a machine with OpenSSH.
describe.skipIf(!canRunSshd)('signing in to a real sshd', () => {
  const lab = useSshLab({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] });

  it('works with a key, and shows the host key as OpenSSH prints it', async () => {
    const fleet = lab.fleet();
    const lease = await fleet.acquire(lab.target(), soon());
    const shown = execFileSync('ssh-keygen', ['-lf', '-'], {
      input: lab.sshd.hostKeys[0]?.publicLine ?? '',
      encoding: 'utf8',
    });
    expect(lease.hostKey.type).toBe('ssh-ed25519');
    expect(shown).toContain(lease.hostKey.fingerprint);
    lease.release();
  });

  it('works with a key under a passphrase, made by OpenSSH', async () => {
    const encrypted = execFileSync(
      'sh',
      [
        '-c',
        'd=$(mktemp -d) && cat > $d/k && chmod 600 $d/k && ssh-keygen -q -p -f $d/k -P "" -N "open sesame" >/dev/null && cat $d/k; rm -r $d',
      ],
      { input: lab.userKey.privateKey, encoding: 'utf8' },
    );
    const fleet = lab.fleet();
    expect(
      (await runAt(fleet, lab.target({ credential: privateKey(encrypted, 'open sesame') }), 'id -un')).stdout,
    ).toBe(`${lab.user.name}\n`);
    for (const wrong of [undefined, 'open barley']) {
      const error = await refusal(fleet, lab.target({ credential: { ...privateKey(encrypted, wrong), version: 2 } }));
      expect(error.reason).toBe('auth_failed');
      expect(error.message).toMatch(/passphrase/);
    }
  });

  it('works with an RSA key, which signs with SHA-2', async () => {
    const rsa = generateKey('rsa');
    const error = await refusal(lab.fleet(), lab.target({ credential: privateKey(rsa.privateKey) }));
    expect(error.reason).toBe('auth_failed');
    const lease = await lab
      .fleet()
      .acquire(lab.target({ trust: trusted(lab.sshd.hostKeys.filter((key) => key.type === 'ssh-rsa')) }), soon());
    expect(lease.hostKey.type).toBe('ssh-rsa');
    lease.release();
  });

  it('works with a password, and says when it is wrong', async () => {
    const fleet = lab.fleet();
    expect((await runAt(fleet, lab.target({ credential: password(lab.user.password) }), 'id -un')).stdout).toBe(
      `${lab.user.name}\n`,
    );
    const error = await refusal(fleet, lab.target({ credential: { ...password('wrong'), version: 2 } }));
    expect(error.reason).toBe('auth_failed');
    expect(error.message).not.toContain('wrong');
  });

  it('says auth_failed for a key the host does not know, and for a user it does not have', async () => {
    const fleet = lab.fleet();
    expect((await refusal(fleet, lab.target({ credential: privateKey(generateKey().privateKey) }))).reason).toBe(
      'auth_failed',
    );
    expect((await refusal(fleet, lab.target({ username: 'nobody-here' }))).reason).toBe('auth_failed');
  });

  it('says refused for a closed port, and dns for an unknown name', async () => {
    const fleet = lab.fleet();
    expect((await refusal(fleet, lab.target({ port: await freePort() }))).reason).toBe('refused');
    expect((await refusal(fleet, lab.target({ address: 'no-such-host.invalid' }))).reason).toBe('dns');
  });

  it('says timeout for a host that says nothing', async () => {
    await using server = await listen(() => {});
    expect((await refusal(lab.fleet({ connectTimeoutMs: 300 }), lab.target({ port: server.port }))).reason).toBe(
      'timeout',
    );
  });

  it('says refused for something that is not an SSH server', async () => {
    await using server = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await refusal(lab.fleet(), lab.target({ port: server.port }))).reason).toBe('refused');
  });

  it('is given up when the signal says so, with its reason', async () => {
    const stop = new AbortController();
    const waiting = lab.fleet().acquire(lab.target(), stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe.skipIf(!canRunSshd)('host keys of a real sshd', () => {
  const lab = useSshLab({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] });
  const unknown = (firstUse: 'refuse' | 'accept', revoked: string[] = []) => ({ keys: [], revoked, firstUse });

  it('refuses an unknown key and shows it', async () => {
    const error = await refusal(lab.fleet(), lab.target({ trust: unknown('refuse') }));
    expect(error.reason).toBe('host_key_unknown');
    expect(error.offered).toMatchObject({ type: 'ssh-ed25519', key: lab.sshd.hostKeys[0]?.key });
    expect(error.message).toContain(fingerprint(lab.sshd.hostKeys[0]?.key ?? ''));
  });

  it('refuses a changed key, whatever the zone says about first use', async () => {
    for (const firstUse of ['refuse', 'accept'] as const) {
      const error = await refusal(lab.fleet(), lab.target({ trust: { ...trusted([generateKey()]), firstUse } }));
      expect(error.reason).toBe('host_key_changed');
    }
  });

  it('asks for the known key first, so that a server with several keys stays trusted', async () => {
    for (const known of lab.sshd.hostKeys) {
      const lease = await lab.fleet().acquire(lab.target({ trust: trusted([known]) }), soon());
      expect(lease.hostKey.key).toBe(known.key);
      lease.release();
    }
  });

  it('calls it changed when a host with a known ed25519 key offers only RSA', async () => {
    const rsaOnly = await startSshd({ hostKeys: ['rsa'] });
    try {
      for (const firstUse of ['refuse', 'accept'] as const) {
        const trust = { ...trusted(lab.sshd.hostKeys.filter((key) => key.type === 'ssh-ed25519')), firstUse };
        const error = await refusal(lab.fleet(), lab.target({ port: rsaOnly.port, trust }));
        expect(error.reason).toBe('host_key_changed');
        expect(error.offered?.type).toBe('ssh-rsa');
      }
    } finally {
      await rsaOnly.stop();
    }
  });

  it('never accepts a revoked key, known or new', async () => {
    const revoked = lab.sshd.hostKeys.map((key) => key.key);
    const known = await refusal(lab.fleet(), lab.target({ trust: { ...trusted(lab.sshd.hostKeys), revoked } }));
    expect(known.reason).toBe('host_key_changed');
    const seen: OfferedHostKey[] = [];
    const fresh = await refusal(
      lab.fleet({ onFirstUse: (_hop, key) => void seen.push(key) }),
      lab.target({ trust: unknown('accept', revoked) }),
    );
    expect(fresh.reason).toBe('host_key_changed');
    expect(fresh.message).toMatch(/revoked/);
    expect(seen).toEqual([]);
  });

  it('accepts a first key where the zone allows it, over a connection of its own before any sign-in', async () => {
    const before = lab.sshd.log().length;
    const seen: OfferedHostKey[] = [];
    const signIns: number[] = [];
    const fleet = lab.fleet({
      onFirstUse: (_hop, key) => {
        seen.push(key);
        signIns.push(
          lab.sshd
            .log()
            .slice(before)
            .match(/password/g)?.length ?? 0,
        );
      },
    });
    const target = lab.target({ credential: password(lab.user.password), trust: unknown('accept') });
    expect((await runAt(fleet, target, 'echo in')).stdout).toBe('in\n');
    expect(seen.map((key) => key.key)).toEqual([lab.sshd.hostKeys[0]?.key]);
    expect(signIns).toEqual([0]);
    const log = lab.sshd.log().slice(before);
    expect(log.match(/^Connection from /gm)?.length).toBe(2);
    expect(log.match(/Accepted password/g)?.length).toBe(1);
  });

  it('refuses the host when the first key is not wanted after all', async () => {
    const fleet = lab.fleet({ onFirstUse: () => Promise.reject(new Error('not this one')) });
    await expect(fleet.acquire(lab.target({ trust: unknown('accept') }), soon())).rejects.toThrow('not this one');
  });
});
