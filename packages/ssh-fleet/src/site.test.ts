import { describe, expect, it } from 'vitest';
import type { Connection } from './connection.ts';
import { SshError } from './errors.ts';
import { createSite } from './site.ts';

const never = new AbortController().signal;
const unused = (): never => {
  throw new Error('not for this test');
};

/** A connection with so many places; a place is the function that gives it back. */
function fakeConnection(places: number, onFree: () => void) {
  let used = 0;
  const connection: Connection = {
    usable: true,
    idle: false,
    channels: 0,
    lastUsedAt: 0,
    reserve: unused,
    reserveForward: unused,
    ping: unused,
    retire: unused,
    destroy: unused,
  };
  const take = () => {
    if (used === places) return undefined;
    used++;
    return () => {
      used--;
      onFree();
    };
  };
  return { connection, take };
}

function createLab(places: number, maxConnections: number) {
  const made: ReturnType<typeof fakeConnection>[] = [];
  const attempts: PromiseWithResolvers<Connection>[] = [];
  const aborted: unknown[] = [];
  let emptied = 0;
  const site = createSite<() => void>({
    maxConnections,
    now: () => 0,
    connect: (signal) => {
      const attempt = Promise.withResolvers<Connection>();
      attempts.push(attempt);
      signal.addEventListener('abort', () => {
        aborted.push(signal.reason);
        attempt.reject(signal.reason);
      });
      return attempt.promise;
    },
    reserve: (connection) => made.find((fake) => fake.connection === connection)?.take(),
    onEmpty: () => emptied++,
  });
  const succeed = (index: number) => {
    const fake = fakeConnection(places, () => site.serve());
    made.push(fake);
    attempts[index]?.resolve(fake.connection);
    return fake.connection;
  };
  return { site, attempts, aborted, succeed, emptied: () => emptied };
}

describe('a site', () => {
  it('makes one connection for many callers, and another when its places are taken', async () => {
    const lab = createLab(2, 2);
    const callers = Array.from({ length: 5 }, () => lab.site.acquire(never));
    expect(lab.attempts).toHaveLength(1);
    lab.succeed(0);
    const [first] = await Promise.all(callers.slice(0, 2));
    expect(lab.attempts).toHaveLength(2);
    lab.succeed(1);
    await Promise.all(callers.slice(0, 4));
    expect(lab.site.waiting).toBe(1);
    expect(lab.attempts).toHaveLength(2);
    first?.place();
    await callers[4];
  });

  it('gives everybody who waits the failure, and tries again for the next', async () => {
    const lab = createLab(1, 1);
    const callers = [lab.site.acquire(never), lab.site.acquire(never)];
    lab.attempts[0]?.reject(new SshError('refused', 'no'));
    for (const caller of callers) await expect(caller).rejects.toMatchObject({ reason: 'refused' });
    expect(lab.emptied()).toBe(1);
    const again = lab.site.acquire(never);
    lab.succeed(1);
    await again;
  });

  it('stops a connect that nobody waits for any more, and starts anew for who came meanwhile', async () => {
    const lab = createLab(1, 1);
    const stop = new AbortController();
    const gone = lab.site.acquire(stop.signal);
    stop.abort(new Error('gone'));
    const late = lab.site.acquire(never);
    await expect(gone).rejects.toThrow('gone');
    expect(lab.aborted).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(lab.attempts).toHaveLength(2);
    lab.succeed(1);
    await late;
  });

  it('replaces a connection that closed while others wait', async () => {
    const lab = createLab(1, 1);
    const first = lab.site.acquire(never);
    const connection = lab.succeed(0);
    await first;
    const second = lab.site.acquire(never);
    expect(lab.attempts).toHaveLength(1);
    lab.site.closed(connection);
    expect(lab.attempts).toHaveLength(2);
    lab.succeed(1);
    await second;
  });

  it('sends everybody away when told', async () => {
    const lab = createLab(1, 1);
    const callers = [lab.site.acquire(never), lab.site.acquire(never)];
    lab.site.expel(new SshError('closed', 'stop'));
    for (const caller of callers) await expect(caller).rejects.toThrow('stop');
    expect(lab.aborted).toHaveLength(1);
  });
});
