import { expect, it } from 'vitest';
import { emptySpread, type Spread, spreadOf, spreadProblem } from './spread.ts';

it('asks for nothing where nothing was said', () => {
  expect(spreadOf(emptySpread)).toEqual({});
});

it('reads waves however they are separated', () => {
  const spread: Spread = {
    ...emptySpread,
    waves: '1, 25 %，50%',
    canary: 2,
    between: 'ask',
    stopFailed: 0,
    timeoutSeconds: 30,
  };
  expect(spreadOf(spread)).toEqual({
    timeoutMs: 30_000,
    rollout: { canary: 2, waves: [1, '25%', '50%'], wait: 'ask', stopWhen: { failed: 0 } },
  });
});

it('waits between waves, and says what stops it and what counts', () => {
  const spread: Spread = { ...emptySpread, between: 'wait', waitSeconds: 90, stopPercent: 5, countUnreachable: false };
  expect(spreadOf(spread)).toEqual({ rollout: { wait: 90_000, stopWhen: { percent: 5, unreachable: false } } });
  expect(spreadOf({ ...emptySpread, countUnreachable: false })).toEqual({});
});

it('sees sizes that are none', () => {
  expect(['', '1 10%', '100%'].map((waves) => spreadProblem({ ...emptySpread, waves }))).toEqual([null, null, null]);
  expect(['0', 'x', '101%', '5 %%'].map((waves) => spreadProblem({ ...emptySpread, waves }))).not.toContain(null);
});
