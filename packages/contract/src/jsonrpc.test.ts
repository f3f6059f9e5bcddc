import fc from 'fast-check';
import { expect, it } from 'vitest';
import { errorCatalogue } from './errors.ts';
import { OmError } from './index.ts';
import { deeperThan, fromRpcError, toRpcError } from './jsonrpc.ts';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

it('measures nesting as the parser would, whatever the strings hold', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const depth = depthOf(value);
      const json = JSON.stringify(value);
      expect(deeperThan(json, depth)).toBe(false);
      if (depth > 0) expect(deeperThan(json, depth - 1)).toBe(true);
    }),
  );
});

it('gives every error its own number and carries code and details across', () => {
  const numbers = Object.values(errorCatalogue).map(({ rpc }) => rpc);
  expect(new Set(numbers).size).toBe(numbers.length);
  const back = fromRpcError(toRpcError(new OmError('SELECTOR_INVALID', 'no', { position: 3 })));
  expect([back.code, back.message, back.details]).toEqual(['SELECTOR_INVALID', 'no', { position: 3 }]);
});
