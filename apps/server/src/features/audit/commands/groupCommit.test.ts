import { describe, expect, it } from 'vitest';
import { createGroupCommit, QueueFull } from './groupCommit.ts';

describe('a group commit', () => {
  it('writes what came meanwhile together, in order, and answers each after its own', async () => {
    const groups: number[][] = [];
    const first = Promise.withResolvers<void>();
    const commit = createGroupCommit<number, string>({
      ...{ maxWaiting: 100, maxGroup: 3 },
      async write(jobs) {
        groups.push([...jobs]);
        if (groups.length === 1) await first.promise;
        return jobs.map((job) => `done ${job}`);
      },
    });
    const one = commit.submit(0, 1);
    while (groups.length === 0) await new Promise(setImmediate);
    const others = [1, 2, 3, 4].map((job) => commit.submit(job, 1));
    first.resolve();
    expect(await one).toBe('done 0');
    expect(await Promise.all(others)).toEqual(['done 1', 'done 2', 'done 3', 'done 4']);
    expect(groups).toEqual([[0], [1, 2, 3], [4]]);
    await commit.idle();
  });

  it('has as many groups under way as it has lanes, and forgets nothing that comes as one ends', async () => {
    const groups: number[][] = [];
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const commit = createGroupCommit<number, number>({
      ...{ maxWaiting: 100, maxGroup: 100, lanes: 2 },
      async write(jobs) {
        groups.push([...jobs]);
        await held[groups.length - 1]?.promise;
        return [...jobs];
      },
    });
    const one = commit.submit(1, 1);
    while (groups.length < 1) await new Promise(setImmediate);
    const two = commit.submit(2, 1);
    while (groups.length < 2) await new Promise(setImmediate);
    const three = commit.submit(3, 1);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    expect(groups).toEqual([[1], [2]]);
    held[1]?.resolve();
    expect(await two.then(() => commit.submit(4, 1))).toBe(4);
    expect(await three).toBe(3);
    held[0]?.resolve();
    expect(await one).toBe(1);
    await commit.idle();
  });

  it('waits for those who come a moment later, and shares what waits among its lanes', async () => {
    const groups: number[][] = [];
    const held = Promise.withResolvers<void>();
    const commit = createGroupCommit<number, number>({
      ...{ maxWaiting: 100, maxGroup: 100, lanes: 2 },
      async write(jobs) {
        groups.push([...jobs]);
        await held.promise;
        return [...jobs];
      },
    });
    const answers: Promise<number>[] = [];
    for (const job of [1, 2, 3, 4, 5, 6]) {
      answers.push(commit.submit(job, 1));
      await new Promise(setImmediate);
    }
    while (groups.length < 2) await new Promise(setImmediate);
    held.resolve();
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(groups).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    await commit.idle();
  });

  it('writes a group that is full, though more come', async () => {
    const groups: number[][] = [];
    const commit = createGroupCommit<number, number>({
      ...{ maxWaiting: 100, maxGroup: 3 },
      async write(jobs) {
        groups.push([...jobs]);
        return [...jobs];
      },
    });
    const answers: Promise<number>[] = [];
    for (let job = 1; groups.length === 0; job++) {
      answers.push(commit.submit(job, 1));
      await new Promise(setImmediate);
    }
    await Promise.all(answers);
    expect(groups[0]).toEqual([1, 2, 3]);
  });

  it('refuses what it has no room for, and has room again afterwards', async () => {
    const commit = createGroupCommit<number, number>({ maxWaiting: 3, maxGroup: 3, write: async (jobs) => [...jobs] });
    const taken = [commit.submit(1, 2), commit.submit(2, 1)];
    await expect(commit.submit(3, 1)).rejects.toBeInstanceOf(QueueFull);
    await Promise.all(taken);
    await commit.idle();
    expect(await commit.submit(4, 3)).toBe(4);
  });

  it('lets only that one fail which the database does not take', async () => {
    const commit = createGroupCommit<number, number>({
      ...{ maxWaiting: 100, maxGroup: 100 },
      async write(jobs) {
        if (jobs.includes(3)) throw new Error('too long');
        return [...jobs];
      },
    });
    const settled = await Promise.allSettled([1, 2, 3, 4, 5].map((job) => commit.submit(job, 1)));
    expect(settled.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, true, true]);
  });
});
