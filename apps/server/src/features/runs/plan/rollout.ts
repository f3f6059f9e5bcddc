import { randomInt } from 'node:crypto';
import { maxWaves, OmError, type Risk, type Rollout, type RolloutDraft } from '@omanager/contract';

interface Asked {
  draft: RolloutDraft | undefined;
  risk: Risk;
  total: number;
  production: boolean;
}

/** From so many hosts on, or in production, what changes things is asked about, and what may break them goes wave by wave. */
export const manyHosts = 50;

const carefulWaves: RolloutDraft['waves'] = [1, '10%', '100%'];

/** What was asked for, with what the risk demands, resolved to wave sizes. Throws OmError for what cannot be. */
export function resolveRollout({ draft = { order: 'inventory' }, risk, total, production }: Asked): Rollout {
  const careful = (risk === 'disruptive' || risk === 'destructive') && total > 1 && (production || total >= manyHosts);
  const asked = [...(draft.canary === undefined ? [] : [draft.canary]), ...(draft.waves ?? [])];
  const own = asked.length > 0;
  // A canary alone is followed by all the rest.
  if (own && draft.waves === undefined) asked.push('100%');
  const waves = sizesOf(own ? asked : careful ? (carefulWaves ?? []) : ['100%'], total);
  if (careful && own) requireCareful(waves, total, risk);
  const { stopWhen } = draft;
  return {
    waves,
    waitMs: typeof draft.wait === 'number' ? draft.wait : null,
    ask: draft.wait === 'ask',
    stopWhen: stopWhen
      ? { failed: stopWhen.failed ?? null, percent: stopWhen.percent ?? null, unreachable: stopWhen.unreachable }
      : careful
        ? { failed: null, percent: 10, unreachable: true }
        : null,
    order: draft.order,
    perZone: draft.perZone ?? null,
  };
}

/** Sizes that add up to `total`: percentages of all hosts, rounded up; the last size repeats. */
function sizesOf(asked: readonly (number | string)[], total: number): number[] {
  const sizes: number[] = [];
  for (let left = total; left > 0; ) {
    if (sizes.length === maxWaves)
      throw new OmError('LIMIT', `These waves would be more than ${maxWaves}: make them larger, or let them grow.`);
    const next = asked[Math.min(sizes.length, asked.length - 1)] ?? '100%';
    const size = Math.min(left, typeof next === 'number' ? next : Math.ceil((total * Number.parseInt(next, 10)) / 100));
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

/** Numbers hosts in the order in which they start; within the inventory's and a zone's order they stand by name. */
export function inOrder<T extends { ordinal: number; zone: string }>(
  hosts: readonly T[],
  order: Rollout['order'],
): T[] {
  const ordered = [...hosts];
  if (order === 'random') {
    for (let i = ordered.length - 1; i > 0; i--) swap(ordered, i, randomInt(i + 1));
  } else if (order === 'by_zone') ordered.sort((a, b) => compare(a.zone, b.zone) || a.ordinal - b.ordinal);
  return ordered.map((host, ordinal) => ({ ...host, ordinal }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function swap<T>(items: T[], i: number, j: number): void {
  const [a, b] = [items[i], items[j]];
  if (a !== undefined && b !== undefined) [items[i], items[j]] = [b, a];
}

function requireCareful([first = 0]: readonly number[], total: number, risk: Risk): void {
  const most = Math.max(1, Math.ceil(total / 10));
  if (first <= most) return;
  throw new OmError(
    'LIMIT',
    `A ${risk} module on ${total} servers begins with a wave of at most ${most}; the first wave here has ${first}.`,
  );
}
