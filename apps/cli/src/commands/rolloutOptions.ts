import type { ParamsIn } from '@omanager/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../errors.ts';
import { duration, oneOf, wholeNumber } from './command.ts';

type Draft = NonNullable<ParamsIn<'runs.plan'>['rollout']>;
type WaveSize = NonNullable<Draft['waves']>[number];

export interface RolloutOptions {
  canary?: number;
  waves?: WaveSize[];
  wait?: number | 'ask';
  stopWhen?: { failed?: number; percent?: number };
  ignoreUnreachable?: boolean;
  order?: 'inventory' | 'random' | 'by_zone';
  perZone?: number;
}

/** How a run spreads over its servers. */
export function withRolloutOptions(command: Command): Command {
  return command
    .option('--canary <n>', 'so many servers first, then the waves, or all the rest', wholeNumber(1, 1000))
    .option('--waves <sizes>', 'servers or percentages, by comma: 1,10%,50%,100%; the last one repeats', waveSizes)
    .option('--wait <time>', 'between waves, for example 30s or 5m; "ask" pauses after each wave', waitTime)
    .option(
      '--max-fail, --stop-when <limits>',
      'start no more once more than so many servers (2), or so much of a wave (10%), failed; both: 2,10%',
      stopLimits,
    )
    .option('--ignore-unreachable', 'unreachable servers do not count as failed there')
    .option('--order <order>', 'inventory (by name), random or by_zone', oneOf(['inventory', 'random', 'by_zone']))
    .option('--per-zone <n>', 'how many servers of one zone at once', wholeNumber(1, 1000));
}

/** What was asked for; undefined leaves everything to the server. */
export function rolloutOf(options: RolloutOptions): Draft | undefined {
  const { canary, waves, wait, stopWhen, ignoreUnreachable = false, order, perZone } = options;
  if (ignoreUnreachable && !stopWhen)
    throw new CliError('--ignore-unreachable says what counts for --stop-when; give both.');
  const draft: Draft = {
    ...(canary !== undefined && { canary }),
    ...(waves && { waves }),
    ...(wait !== undefined && { wait }),
    ...(stopWhen && { stopWhen: { ...stopWhen, unreachable: !ignoreUnreachable } }),
    ...(order && { order }),
    ...(perZone !== undefined && { perZone }),
  };
  return Object.keys(draft).length === 0 ? undefined : draft;
}

/** `1,10%,50%,100%` */
function waveSizes(text: string): WaveSize[] {
  const count = wholeNumber(1, 100_000);
  return text.split(',').map((part) => {
    const size = part.trim();
    if (/^([1-9]\d?|100)%$/.test(size)) return size;
    if (/^\d+$/.test(size)) return count(size);
    throw new InvalidArgumentError('sizes such as 1,10%,50%,100% are expected.');
  });
}

/** `30s`, `5m` or `ask` */
function waitTime(text: string): number | 'ask' {
  if (text === 'ask') return text;
  const ms = duration(text);
  if (ms >= 1000) return ms;
  throw new InvalidArgumentError('at least 1s, or "ask", is expected.');
}

/** `2`, `10%` or `2,10%` */
function stopLimits(text: string): { failed?: number; percent?: number } {
  const found: { failed?: number; percent?: number } = {};
  for (const part of text.split(',').map((one) => one.trim())) {
    const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(part);
    const value = Number(match?.[1]);
    const isPercent = match?.[2] === '%';
    const fits = match !== null && (isPercent ? value <= 100 : Number.isInteger(value) && value <= 100_000);
    if (!fits || (isPercent ? found.percent : found.failed) !== undefined)
      throw new InvalidArgumentError('a number of servers, a percentage, or both are expected: 2, 10% or 2,10%.');
    if (isPercent) found.percent = value;
    else found.failed = value;
  }
  return found;
}
