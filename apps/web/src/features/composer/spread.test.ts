import { expect, it } from 'vitest';
import { emptySpread, spreadOf } from './spread.ts';

it('asks for nothing where nothing was said', () => {
  expect(spreadOf(emptySpread)).toEqual({});
});

it('reads waves however they are separated', () => {
  const spread = { ...emptySpread, waves: '1, 25 %，50%', canary: 2, ask: true, stopFailed: 0, timeoutSeconds: 30 };
  expect(spreadOf(spread)).toEqual({
    timeoutMs: 30_000,
    rollout: { canary: 2, waves: [1, '25%', '50%'], wait: 'ask', stopWhen: { failed: 0 } },
  });
});
