import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createFleet, type Fleet, type SshTarget } from '@omanager/ssh-fleet';
import { afterEach, describe, expect, it } from 'vitest';
import { type SimulatedFleet, startFleet } from './fleet.ts';
import { has, isRoot } from './have.ts';
import { generateKey, type KeyPair } from './keys.ts';
import { isAlive, listProcesses } from './processes.ts';
import { type SshServer, startShellServer } from './sshServer.ts';
import { waitFor } from './wait.ts';

const signal = () => AbortSignal.timeout(20_000);

describe('the lab', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const openFleet = (): Fleet => {
    const fleet = createFleet();
    undo.push(fleet.close);
    return fleet;
  };
  const targetOf = (host: { address: string; port: number }, hostKey: KeyPair, userKey: KeyPair): SshTarget => ({
    address: host.address,
    port: host.port,
    username: 'operator',
    credential: { id: 'lab', version: 1, auth: { kind: 'key', privateKey: userKey.privateKey } },
    trust: { keys: [hostKey], revoked: [], firstUse: 'refuse' },
    via: [],
  });
  const output = async (fleet: Fleet, target: SshTarget, command: string) => {
    const lease = await fleet.acquire(target, signal());
    const chunks: Uint8Array[] = [];
    const process = await lease.exec(command, { onData: (_stream, chunk) => void chunks.push(chunk) });
    const exit = await process.done;
    lease.release();
    return `${Buffer.concat(chunks)}${exit.code}`;
  };

  describe('simulated fleet', () => {
    const start = async (hosts: number, behaviour = {}): Promise<SimulatedFleet> => {
      const simulated = await startFleet({ hosts, behaviour });
      undo.push(simulated.stop);
      return simulated;
    };

    it('answers by script, each host for itself', async () => {
      const simulated = await start(300, { output: 'up\n' });
      const fleet = openFleet();
      const ask = () =>
        Promise.all(
          simulated.hosts.map((host) => output(fleet, targetOf(host, simulated.hostKey, simulated.userKey), 'uptime')),
        );
      expect(new Set(await ask())).toEqual(new Set(['up\n0']));
      await simulated.behave({ exitCode: 3, outputBytes: 100_000 }, [7]);
      const second = await ask();
      expect(second[7]).toHaveLength(100_001);
      expect(second.filter((text) => text === 'up\n0')).toHaveLength(299);
      const counts = await simulated.counts();
      expect(counts.executions).toEqual(simulated.hosts.map(() => 2));
      expect(counts.connections).toBe(300);
    });

    it('lets in nobody without the key, and can be told to refuse or to cut', async () => {
      const simulated = await start(3);
      const [host] = simulated.hosts;
      if (!host) throw new Error('no host');
      const fleet = openFleet();
      const target = targetOf(host, simulated.hostKey, simulated.userKey);
      await expect(fleet.acquire(targetOf(host, simulated.hostKey, generateKey()), signal())).rejects.toMatchObject({
        reason: 'auth_failed',
      });
      const password = {
        ...target,
        credential: { id: 'p', version: 1, auth: { kind: 'password' as const, password: 'x' } },
      };
      await expect(fleet.acquire(password, signal())).rejects.toMatchObject({ reason: 'auth_failed' });
      await simulated.behave({ cut: true });
      await expect(output(fleet, target, 'true')).rejects.toMatchObject({ reason: 'closed' });
      await simulated.behave({ refuseSignIn: true });
      await expect(fleet.acquire(target, signal())).rejects.toMatchObject({ reason: 'auth_failed' });
    });

    it('forwards nothing', async () => {
      const simulated = await start(2);
      const [jump, inner] = simulated.hosts.map((host) => targetOf(host, simulated.hostKey, simulated.userKey));
      if (!jump || !inner) throw new Error('no hosts');
      await expect(openFleet().acquire({ ...inner, via: [jump] }, signal())).rejects.toMatchObject({
        reason: 'jump_failed',
        hop: 1,
      });
    });
  });

  describe('shell server', () => {
    const hostKey = generateKey();
    const userKey = generateKey();
    const start = async (): Promise<SshServer> => {
      const server = await startShellServer({
        hostKey: hostKey.privateKey,
        authorizedKeys: [userKey.publicLine],
        hostName: 'demo-1',
      });
      undo.push(server.stop);
      return server;
    };

    it('runs real commands, with input, signals and exit codes', async () => {
      const server = await start();
      const fleet = openFleet();
      const target = targetOf(server, hostKey, userKey);
      expect(await output(fleet, target, 'echo $HOSTNAME; exit 4')).toBe('demo-1\n4');
      const lease = await fleet.acquire(target, signal());
      const process = await lease.exec('trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done', {
        onData: () => void process.sendSignal('TERM'),
      });
      expect(await process.done).toEqual({ code: 9 });
      lease.release();
    });

    it('leaves no process behind when the channel or the server ends', async () => {
      const server = await start();
      const lease = await openFleet().acquire(targetOf(server, hostKey, userKey), signal());
      const marked = (mark: string) => listProcesses().filter((process) => process.command === `sleep ${mark}`);
      const first = await lease.exec('sleep 7771 & sleep 7771');
      await waitFor('both run', () => marked('7771').length === 2);
      first.kill();
      await waitFor('both are gone', () => marked('7771').length === 0);
      await lease.exec('sleep 7772 & sleep 7772');
      await waitFor('both run', () => marked('7772').length === 2);
      await server.stop();
      await waitFor('both are gone', () => marked('7772').length === 0);
      lease.release();
    });

    it('never listens beyond this machine', async () => {
      const options = { hostKey: hostKey.privateKey, authorizedKeys: [userKey.publicLine] };
      for (const address of ['0.0.0.0', '::', '192.0.2.1', '10.0.0.1'])
        await expect(startShellServer({ ...options, address })).rejects.toThrow(/loopback/);
    });
  });

  // Needs root: it makes a user and an sshd in a process that is killed.
  it.skipIf(!isRoot || !has('sshd', 'useradd', 'openssl'))('removes what a killed test run left behind', async () => {
    const here = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
    const script = `
      const { startSshd } = await import(${here('./sshd.ts')});
      const { createUser } = await import(${here('./users.ts')});
      const sshd = await startSshd();
      const user = await createUser({ sudo: 'nopasswd' });
      console.log(JSON.stringify({ user: user.name, port: sshd.port }));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const { user }: { user: string } = JSON.parse(String(line));
    const folder = `omlab-${child.pid}-sshd`;
    const servers = () => listProcesses().filter((candidate) => candidate.command.includes(folder));
    expect(servers()).toHaveLength(1);
    expect(existsSync(`/etc/sudoers.d/${user}`)).toBe(true);
    const died = once(child, 'exit');
    child.kill('SIGKILL');
    await died;
    expect(servers()).toHaveLength(1);

    const sweep = spawn(process.execPath, [fileURLToPath(new URL('./prepare.ts', import.meta.url))], {
      stdio: 'ignore',
    });
    await once(sweep, 'exit');
    await waitFor('the server is gone', () => servers().length === 0);
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(`${user}:`);
    expect([`/etc/sudoers.d/${user}`, `/home/${user}`].map(existsSync)).toEqual([false, false]);
    expect(isAlive(process.pid)).toBe(true);
  });
});
