import type { DiffHunk } from '@omanager/contract';
import type { DiffStep } from './diffLines.ts';
import type { OutputStream } from './outputCounts.ts';

export interface HunkBudget {
  /** Lines and bytes that may still be shown. */
  lines: number;
  bytes: number;
  /** A change did not fit. */
  spent: boolean;
  /** A line was cut. */
  cutLines: boolean;
}

interface Sides {
  stream: OutputStream;
  left: readonly string[];
  right: readonly string[];
  context: number;
}

const maxLineLength = 2000;

/** Unified hunks: changes with the lines around them; changes that are near to each other share one. Takes from the budget. */
export function hunksOf(steps: readonly DiffStep[], sides: Sides, budget: HunkBudget): DiffHunk[] {
  const hunks: DiffHunk[] = [];
  const place = { left: 1, right: 1 };
  let at = 0;
  for (const [from, to] of rangesOf(steps, sides.context)) {
    for (; at < from; at++) {
      const kind = steps[at]?.kind;
      if (kind !== 'right') place.left++;
      if (kind !== 'left') place.right++;
    }
    if (budget.lines <= 0 || budget.bytes <= 0) {
      budget.spent = true;
      break;
    }
    hunks.push(hunkOf(steps.slice(from, to), place, sides, budget));
  }
  return hunks;
}

/** Ranges of steps around changes. */
function rangesOf(steps: readonly DiffStep[], context: number): [number, number][] {
  const ranges: [number, number][] = [];
  steps.forEach(({ kind }, at) => {
    if (kind === 'both') return;
    const from = Math.max(0, at - context);
    const to = Math.min(steps.length, at + context + 1);
    const last = ranges.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else ranges.push([from, to]);
  });
  return ranges;
}

function hunkOf(
  steps: readonly DiffStep[],
  place: { left: number; right: number },
  { stream, left, right }: Sides,
  budget: HunkBudget,
): DiffHunk {
  const hunk: DiffHunk = { stream, leftLine: place.left, rightLine: place.right, lines: [] };
  for (const step of steps) {
    if (budget.lines <= 0 || budget.bytes <= 0) {
      budget.spent = true;
      break;
    }
    // Lines that are equal after masking are shown as the right side wrote them.
    const whole = (step.kind === 'left' ? left[step.left] : right[step.right]) ?? '';
    const text = whole.slice(0, maxLineLength);
    budget.cutLines ||= text.length < whole.length;
    budget.lines--;
    budget.bytes -= text.length;
    hunk.lines.push({ kind: step.kind, text });
  }
  return hunk;
}
