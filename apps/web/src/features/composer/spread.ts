import type { ParamsIn } from '@omanager/contract';

/** How a run spreads over its servers, as typed; an empty field leaves it to the server. */
export interface Spread {
  readonly parallel: number | null;
  readonly canary: number | null;
  readonly waves: string;
  readonly ask: boolean;
  readonly stopFailed: number | null;
  readonly order: 'inventory' | 'random' | 'by_zone';
  readonly perZone: number | null;
  readonly timeoutSeconds: number | null;
}

export const emptySpread: Spread = {
  parallel: null,
  canary: null,
  waves: '',
  ask: false,
  stopFailed: null,
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
    ...(spread.ask ? { wait: 'ask' as const } : {}),
    ...(spread.stopFailed === null ? {} : { stopWhen: { failed: spread.stopFailed } }),
    ...(spread.order === 'inventory' ? {} : { order: spread.order }),
    ...(spread.perZone === null ? {} : { perZone: spread.perZone }),
  };
  return {
    ...(spread.parallel === null ? {} : { parallel: spread.parallel }),
    ...(spread.timeoutSeconds === null ? {} : { timeoutMs: spread.timeoutSeconds * 1000 }),
    ...(Object.keys(rollout).length === 0 ? {} : { rollout }),
  };
}

/** `10, 25 %` as [10, '25%']; what is neither is left to the server to refuse. */
function wavesOf(text: string): (number | string)[] {
  return text
    .replace(/\s*%/g, '%')
    .split(/[\s,，、]+/)
    .filter(Boolean)
    .map((size) => (/^\d+$/.test(size) ? Number(size) : size));
}
