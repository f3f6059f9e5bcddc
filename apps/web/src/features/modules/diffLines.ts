export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Beyond so many changed lines nobody compares line by line; the rest is shown as removed and added. */
const mostChanges = 1500;

/** The shortest way from one text to another, line by line (Myers). */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ kind: 'same', text }));
  return [
    ...same(now.slice(0, start)),
    ...between(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...same(end === 0 ? [] : now.slice(-end)),
  ];
}

function between(old: readonly string[], now: readonly string[]): DiffLine[] {
  const trace = furthest(old, now);
  if (!trace) return [...old.map(removed), ...now.map(added)];
  const found: DiffLine[] = [];
  let [x, y] = [old.length, now.length];
  for (let d = trace.length - 1; d > 0; d--) {
    const reach = trace[d - 1] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && at(reach, k - 1) < at(reach, k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = at(reach, fromK);
    const fromY = fromX - fromK;
    // After the change the two texts went along together.
    for (const edited = down ? fromX : fromX + 1; x > edited; x--) found.push({ kind: 'same', text: old[x - 1] ?? '' });
    found.push(down ? added(now[fromY] ?? '') : removed(old[fromX] ?? ''));
    [x, y] = [fromX, fromY];
  }
  for (; x > 0; x--) found.push({ kind: 'same', text: old[x - 1] ?? '' });
  return found.reverse();
}

/** How far along each diagonal one comes with d changes, for every d; undefined when there are too many. */
function furthest(old: readonly string[], now: readonly string[]): Map<number, number>[] | undefined {
  const trace: Map<number, number>[] = [];
  for (let d = 0; d <= mostChanges; d++) {
    const before = trace.at(-1) ?? new Map([[1, 0]]);
    const reach = new Map<number, number>();
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(before, k - 1) < at(before, k + 1));
      let x = d === 0 ? 0 : down ? at(before, k + 1) : at(before, k - 1) + 1;
      while (x < old.length && x - k < now.length && old[x] === now[x - k]) x++;
      reach.set(k, x);
      if (x >= old.length && x - k >= now.length) return [...trace, reach];
    }
    trace.push(reach);
  }
  return undefined;
}

const at = (reach: ReadonlyMap<number, number>, k: number): number => reach.get(k) ?? Number.NEGATIVE_INFINITY;
const added = (text: string): DiffLine => ({ kind: 'added', text });
const removed = (text: string): DiffLine => ({ kind: 'removed', text });

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
