import type { ParamsIn } from '@omanager/contract';

type RolloutDraft = NonNullable<ParamsIn<'runs.plan'>['rollout']>;

/** How a run spreads over its servers, as typed; an empty field leaves it to the server. */
export interface Spread {
  readonly parallel: number | null;
  readonly canary: number | null;
  readonly waves: string;
  readonly between: 'go' | 'wait' | 'ask';
  readonly waitSeconds: number | null;
  readonly stopFailed: number | null;
  readonly stopPercent: number | null;
  /** Whether a server that cannot be reached counts as failed. */
  readonly countUnreachable: boolean;
  readonly order: 'inventory' | 'random' | 'by_zone';
  readonly perZone: number | null;
  readonly timeoutSeconds: number | null;
}

export const emptySpread: Spread = {
  parallel: null,
  canary: null,
  waves: '',
  between: 'go',
  waitSeconds: 60,
  stopFailed: null,
  stopPercent: null,
  countUnreachable: true,
  order: 'inventory',
  perZone: null,
  timeoutSeconds: null,
};

/** As a plan asks for it: nothing where nothing was said. */
export function spreadOf(spread: Spread): Pick<ParamsIn<'runs.plan'>, 'parallel' | 'rollout' | 'timeoutMs'> {
  const waves = wavesOf(spread.waves);
  const rollout = {
    ...(spread.canary === null ? {} : { canary: spread.canary }),
    ...(waves.length === 0 ? {} : { waves }),
    ...waitOf(spread),
    ...stopOf(spread),
    ...(spread.order === 'inventory' ? {} : { order: spread.order }),
    ...(spread.perZone === null ? {} : { perZone: spread.perZone }),
  };
  return {
    ...(spread.parallel === null ? {} : { parallel: spread.parallel }),
    ...(spread.timeoutSeconds === null ? {} : { timeoutMs: spread.timeoutSeconds * 1000 }),
    ...(Object.keys(rollout).length === 0 ? {} : { rollout }),
  };
}

function waitOf({ between, waitSeconds }: Spread): Pick<RolloutDraft, 'wait'> {
  if (between === 'ask') return { wait: 'ask' };
  return between === 'wait' && waitSeconds !== null ? { wait: waitSeconds * 1000 } : {};
}

function stopOf({ stopFailed, stopPercent, countUnreachable }: Spread): Pick<RolloutDraft, 'stopWhen'> {
  if (stopFailed === null && stopPercent === null) return {};
  return {
    stopWhen: {
      ...(stopFailed === null ? {} : { failed: stopFailed }),
      ...(stopPercent === null ? {} : { percent: stopPercent }),
      ...(countUnreachable ? {} : { unreachable: false }),
    },
  };
}

/** What of it no server would take, as the key of a text; null: nothing. */
export function spreadProblem(spread: Spread): 'wrongWaves' | null {
  return wavesOf(spread.waves).every((size) => (typeof size === 'number' ? size > 0 : /^([1-9]\d?|100)%$/.test(size)))
    ? null
    : 'wrongWaves';
}

/** `10, 25 %` as [10, '25%']; what is neither is a mistake (`spreadProblem`). */
function wavesOf(text: string): (number | string)[] {
  return text
    .replace(/\s*%/g, '%')
    .split(/[\s,，、]+/)
    .filter(Boolean)
    .map((size) => (/^\d+$/.test(size) ? Number(size) : size));
}
