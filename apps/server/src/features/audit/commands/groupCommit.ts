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

/** After so many turns of the event loop that brought nothing a group is complete. */
const quietTurns = 3;

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
  const waiting: Waiting<Job, Answer>[] = [];
  let waitingWeight = 0;
  /** Of what waits and what is being written. */
  let weight = 0;
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

  /**
   * Waits while turns of the event loop bring more: whoever writes one after the other comes back a moment after the
   * answer, and what came to the sockets while SQLite held the event loop is there. Else a commit would be for few.
   */
  async function gather(): Promise<void> {
    let seen = waiting.length;
    for (let quiet = 0; quiet < quietTurns && waitingWeight < maxGroup; ) {
      await nextTurn();
      quiet = waiting.length === seen ? quiet + 1 : 0;
      seen = waiting.length;
    }
  }

  /** From the front, and no more than one lane's share: each of them shall have something to do. */
  function takeGroup(): Waiting<Job, Answer>[] {
    const most = Math.min(maxGroup, weight / lanes);
    let count = 0;
    let sum = 0;
    for (const { weight: more } of waiting) {
      if (count > 0 && sum + more > most) break;
      sum += more;
      count++;
    }
    waitingWeight -= sum;
    return waiting.splice(0, count);
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      await gather();
      const group = takeGroup();
      // Another lane took them in the meantime.
      if (group.length === 0) break;
      if (waiting.length > 0) startLane();
      await writeGroup(group);
      for (const done of group) weight -= done.weight;
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
      waitingWeight += jobWeight;
      waiting.push({ job, weight: jobWeight, settle });
      startLane();
      return settle.promise;
    },
    /** When all that was submitted is written. */
    async idle(): Promise<void> {
      while (busy > 0) await Promise.all(running);
    },
  };
}
