import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isAlive, killNow } from '../lab/processes.ts';
import { waitFor } from '../lab/wait.ts';
import { canRunSshd, runAt, runOn, soon, useSshLab } from './harness.ts';

const mebibyte = 1024 * 1024;

// Needs sshd and throw-away users: root on a machine with OpenSSH.
describe.skipIf(!canRunSshd)('commands on a real sshd', () => {
  const lab = useSshLab();

  it('give their output, separately, and their exit code', async () => {
    const outcome = await runAt(lab.fleet(), lab.target(), 'echo out; echo err >&2; exit 7');
    expect(outcome).toEqual({ exit: { code: 7 }, stdout: 'out\n', stderr: 'err\n' });
  });

  it('never lose the output or the code of a command that ends at once', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    for (let round = 0; round < 50; round++) {
      expect(await runOn(lease, `echo ${round}; exit ${round}`)).toEqual({
        exit: { code: round },
        stdout: `${round}\n`,
        stderr: '',
      });
    }
    lease.release();
  });

  it('end by a signal', async () => {
    expect((await runAt(lab.fleet(), lab.target(), 'kill -KILL $$')).exit).toEqual({ code: null, signal: 'KILL' });
  });

  it('read what is written to them, 5 MiB byte-exact', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    const input = Buffer.from(
      Uint8Array.from({ length: 5 * mebibyte }, (_, index) => (index * 31 + (index >> 9)) & 255),
    );
    const received: Uint8Array[] = [];
    const process = await lease.exec('cat', { onData: (_stream, chunk) => void received.push(chunk) });
    await process.stdin.write(input);
    process.stdin.end();
    expect(await process.done).toEqual({ code: 0 });
    expect(Buffer.concat(received).equals(input)).toBe(true);
    lease.release();
  });

  it('release a writer when they end without reading', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    const process = await lease.exec('exit 3');
    const writes = async () => {
      for (;;) await process.stdin.write(Buffer.alloc(mebibyte));
    };
    await expect(writes()).rejects.toMatchObject({ reason: 'closed' });
    expect(await process.done).toEqual({ code: 3 });
    lease.release();
  });

  it('are drained on both streams, even when nobody listens', async () => {
    const command = 'head -c 3145728 /dev/zero >&2; head -c 3145728 /dev/zero; exit 5';
    const lease = await lab.fleet().acquire(lab.target(), soon());
    const quiet = await lease.exec(command);
    expect(await quiet.done).toEqual({ code: 5 });
    const outcome = await runOn(lease, command);
    expect([outcome.exit.code, outcome.stdout.length, outcome.stderr.length]).toEqual([5, 3 * mebibyte, 3 * mebibyte]);
    lease.release();
  });

  it('stand still while a consumer is busy, with a bounded buffer', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    let received = 0;
    const gate = Promise.withResolvers<void>();
    // The command tells how much it could write, because only it knows.
    const process = await lease.exec('head -c 67108864 /dev/zero; echo done >&2', {
      onData: (stream, chunk) => {
        if (stream === 'stderr') return undefined;
        received += chunk.length;
        return received > mebibyte ? gate.promise : undefined;
      },
    });
    await waitFor('the consumer is busy', () => received > mebibyte);
    const writer = await waitFor('the writer is found', () =>
      lab.user.processes().find((candidate) => candidate.command.startsWith('head -c')),
    );
    await sleep(500);
    expect(received).toBeLessThan(2 * mebibyte);
    expect(isAlive(writer.pid)).toBe(true);
    gate.resolve();
    expect(await process.done).toEqual({ code: 0 });
    expect(received).toBe(64 * mebibyte);
    lease.release();
  });

  it('may write without end: the caller decides when it is enough', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    let received = 0;
    const process = await lease.exec('exec yes', {
      onData: (_stream, chunk) => {
        received += chunk.length;
        if (received > 20 * mebibyte) process.kill();
      },
    });
    expect((await process.done).code).toBe(null);
    await waitFor('yes has ended', () => lab.user.processes().every((candidate) => candidate.command !== 'yes'));
    lease.release();
  });

  it('hand the consumer’s own failure to whoever waits', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    const broken = await lease.exec('echo x; sleep 60', { onData: () => Promise.reject(new Error('disk full')) });
    await expect(broken.done).rejects.toThrow('disk full');
    expect((await runOn(lease, 'echo still usable')).stdout).toBe('still usable\n');
    lease.release();
  });

  it('get signals while their input is open', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    const ready = Promise.withResolvers<void>();
    const process = await lease.exec('echo ready; exec sleep 60', { onData: () => ready.resolve() });
    await ready.promise;
    expect(process.sendSignal('TERM')).toBe(true);
    expect(await process.done).toEqual({ code: null, signal: 'TERM' });
    const deaf = await lease.exec('exec sleep 60');
    deaf.stdin.end();
    expect(deaf.sendSignal('TERM')).toBe(false);
    deaf.kill();
    await deaf.done;
    lease.release();
  });

  it('settle although a child in its own session holds the output open', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    const process = await lease.exec('setsid sleep 30 & echo started; exit 4');
    expect(await process.exited).toEqual({ code: 4 });
    expect(await process.settle(200)).toEqual({ code: 4 });
    expect((await runOn(lease, 'echo next')).stdout).toBe('next\n');
    lease.release();
    const child = await waitFor('the child is found', () =>
      lab.user.processes().find((candidate) => candidate.command === 'sleep 30'),
    );
    killNow(child.pid);
  });

  it('reject with closed when the connection is cut in the middle', async () => {
    const fleet = lab.fleet();
    const lease = await fleet.acquire(lab.target(), soon());
    let output = '';
    const process = await lease.exec('echo begun; sleep 60', {
      onData: (_stream, chunk) => {
        output += Buffer.from(chunk);
      },
    });
    await waitFor('the command runs', () => output === 'begun\n');
    for (const pid of lab.sshd.sessionPids(lab.user.name)) killNow(pid);
    await expect(process.done).rejects.toMatchObject({ name: 'SshError', reason: 'closed' });
    expect(lease.alive).toBe(false);
    await expect(lease.exec('echo never')).rejects.toMatchObject({ reason: 'closed' });
    lease.release();
    expect((await runAt(fleet, lab.target(), 'echo again')).stdout).toBe('again\n');
  });

  it('are killed with their lease, and by their signal', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    const stop = new AbortController();
    const aborted = await lease.exec('exec sleep 60', { signal: stop.signal });
    stop.abort();
    expect((await aborted.done).code).toBe(null);
    const released = await lease.exec('exec sleep 60');
    lease.release();
    lease.release();
    expect((await released.done).code).toBe(null);
    await expect(lease.exec('echo never')).rejects.toThrow(/released/);
  });

  it('do not start at all when the signal came first', async () => {
    const lease = await lab.fleet().acquire(lab.target(), soon());
    await expect(lease.exec('touch ran', { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'too late',
    );
    expect((await runOn(lease, 'ls')).stdout).toBe('');
    lease.release();
  });
});
