/** One step of a diff: a line of both sides, or of one. Indexes count from 0. */
export type DiffStep =
  | { kind: 'both'; left: number; right: number }
  | { kind: 'left'; left: number }
  | { kind: 'right'; right: number };

export interface LineDiff {
  steps: DiffStep[];
  /** Shortest; otherwise there were more than `maxEdits`, and what differs is shown as replaced. */
  shortest: boolean;
}

/**
 * The shortest edit from left to right (Myers, O(ND)): after `edits` rounds every diagonal is as far as it gets with so
 * many lines removed and added. The rounds are bounded, so that time and memory are.
 */
export function diffLines(left: readonly string[], right: readonly string[], maxEdits: number): LineDiff {
  const [a, b] = numbered(left, right);
  let begin = 0;
  while (begin < a.length && begin < b.length && a[begin] === b[begin]) begin++;
  let end = 0;
  while (end < a.length - begin && end < b.length - begin && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const middle = shortestEdit(a.subarray(begin, a.length - end), b.subarray(begin, b.length - end), maxEdits);
  const steps: DiffStep[] = [];
  for (let at = 0; at < begin; at++) steps.push({ kind: 'both', left: at, right: at });
  let [x, y] = [begin, begin];
  for (const kind of middle ?? replaced(a.length - begin - end, b.length - begin - end)) {
    if (kind === 'left') steps.push({ kind, left: x++ });
    else if (kind === 'right') steps.push({ kind, right: y++ });
    else steps.push({ kind, left: x++, right: y++ });
  }
  for (let at = 0; at < end; at++) steps.push({ kind: 'both', left: x++, right: y++ });
  return { steps, shortest: middle !== undefined };
}

type Kind = DiffStep['kind'];

function replaced(left: number, right: number): Kind[] {
  return [...Array<Kind>(left).fill('left'), ...Array<Kind>(right).fill('right')];
}

/** Equal lines get equal numbers. */
function numbered(...sides: (readonly string[])[]): [Int32Array, Int32Array] {
  const numbers = new Map<string, number>();
  const [left = [], right = []] = sides.map((lines) =>
    lines.map((line) => {
      const number = numbers.get(line) ?? numbers.size;
      numbers.set(line, number);
      return number;
    }),
  );
  return [Int32Array.from(left), Int32Array.from(right)];
}

function shortestEdit(a: Int32Array, b: Int32Array, maxEdits: number): Kind[] | undefined {
  /** Of each round, by diagonal (x - y, from -edits on), how far x has come. */
  const rounds: Int32Array[] = [];
  const most = Math.min(maxEdits, a.length + b.length);
  for (let edits = 0; edits <= most; edits++) {
    const reach = new Int32Array(2 * edits + 1);
    for (let k = -edits; k <= edits; k += 2) {
      let x = begins(rounds, edits, k);
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[k + edits] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(rounds, edits, a.length, b.length);
    }
    rounds.push(reach);
  }
  return undefined;
}

/** Whether a diagonal is entered by adding a line of the right (from the diagonal above) rather than by removing one of the left. */
function isAdded(rounds: readonly Int32Array[], edits: number, k: number): boolean {
  if (k === -edits || k === edits) return k === -edits;
  return reached(rounds, edits - 1, k - 1) < reached(rounds, edits - 1, k + 1);
}

/** Where a diagonal is entered in a round. */
function begins(rounds: readonly Int32Array[], edits: number, k: number): number {
  if (edits === 0) return 0;
  return isAdded(rounds, edits, k) ? reached(rounds, edits - 1, k + 1) : reached(rounds, edits - 1, k - 1) + 1;
}

function reached(rounds: readonly Int32Array[], edits: number, k: number): number {
  return rounds[edits]?.[k + edits] ?? 0;
}

function walkBack(rounds: readonly Int32Array[], lastRound: number, endX: number, endY: number): Kind[] {
  const kinds: Kind[] = [];
  let x = endX;
  let k = endX - endY;
  for (let edits = lastRound; edits > 0; edits--) {
    const from = begins(rounds, edits, k);
    for (; x > from; x--) kinds.push('both');
    if (isAdded(rounds, edits, k)) {
      kinds.push('right');
      k++;
    } else {
      kinds.push('left');
      k--;
      x--;
    }
  }
  for (; x > 0; x--) kinds.push('both');
  return kinds.reverse();
}
