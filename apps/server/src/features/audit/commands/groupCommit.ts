import { setImmediate as nextTurn } from 'node:timers/promises';

/** There is no room now; to be tried again. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

interface Waiting<Job, Answer> {
  job: Job;
  weight: number;
  settle: PromiseWithResolvers<Answer>;
}

/** So long the next group may wait for those who were just answered and write again. */
const lingerMs = 3;

interface Options<Job, Answer> {
  /** Writes all in one transaction; nothing of them is there when it throws. */
  write(jobs: readonly Job[]): Promise<Answer[]>;
  /** True when the database did not answer at all: it would not for one of them alone. */
  isAway?: (error: unknown) => boolean;
  /** What waits, at most, and what is written at once. */
  maxWaiting: number;
  maxGroup: number;
  /** Transactions under way at once: while one is on its way to the disk the next is made ready. */
  lanes?: number;
}

/**
 * Many small writes as few large ones: while one transaction is under way the next collects. Each is answered after the
 * commit that holds it. Bounded by weight.
 */
export function createGroupCommit<Job, Answer>({
  write,
  isAway = () => false,
  maxWaiting,
  maxGroup,
  lanes = 1,
}: Options<Job, Answer>) {
  let waiting: Waiting<Job, Answer>[] = [];
  let weight = 0;
  const lingerers = new Set<{ last: number; resolve(): void }>();
  let busy = 0;
  const running = new Set<Promise<void>>();

  async function writeGroup(group: readonly Waiting<Job, Answer>[]): Promise<void> {
    try {
      const answers = await write(group.map(({ job }) => job));
      for (const [at, answer] of answers.entries()) group[at]?.settle.resolve(answer);
    } catch (error) {
      if (group.length === 1 || isAway(error)) {
        for (const { settle } of group) settle.reject(error);
        return;
      }
      // One of them may be what the database does not take: the others shall not suffer for it.
      const half = Math.ceil(group.length / 2);
      await writeGroup(group.slice(0, half));
      await writeGroup(group.slice(half));
    }
  }

  /** Whoever writes one after the other comes back a moment after the answer: without them a commit would be for few. */
  async function linger(last: number): Promise<void> {
    if (waiting.length >= last) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const lingering = { last, resolve };
    lingerers.add(lingering);
    const timer = setTimeout(resolve, lingerMs);
    await promise;
    clearTimeout(timer);
    lingerers.delete(lingering);
  }

  async function run(): Promise<void> {
    for (let last = 0; waiting.length > 0; ) {
      // SQLite holds the event loop while it writes: what has come to the sockets meanwhile shall be of this group.
      await nextTurn();
      let count = 0;
      for (let sum = 0; count < waiting.length; count++) {
        sum += waiting[count]?.weight ?? 0;
        if (count > 0 && sum > maxGroup) break;
      }
      const group = waiting.slice(0, count);
      waiting = waiting.slice(count);
      // Another lane took them in the meantime.
      if (group.length === 0) break;
      await writeGroup(group);
      for (const done of group) weight -= done.weight;
      last = group.length;
      if (last > 1) await linger(last);
    }
    // At once, not when the promise settles: what is submitted next needs a lane.
    busy--;
  }

  function startLane(): void {
    if (busy >= lanes) return;
    busy++;
    const lane = run();
    running.add(lane);
    void lane.then(() => running.delete(lane));
  }

  return {
    /** Throws QueueFull, or what `write` threw. */
    submit(job: Job, jobWeight: number): Promise<Answer> {
      if (weight + jobWeight > maxWaiting && weight > 0) return Promise.reject(new QueueFull());
      const settle = Promise.withResolvers<Answer>();
      weight += jobWeight;
      waiting.push({ job, weight: jobWeight, settle });
      for (const { last, resolve } of lingerers) if (waiting.length >= last) resolve();
      startLane();
      return settle.promise;
    },
    /** When all that was submitted is written. */
    async idle(): Promise<void> {
      while (busy > 0) await Promise.all(running);
    },
  };
}
