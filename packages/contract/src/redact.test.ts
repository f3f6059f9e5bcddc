import { expect, it } from 'vitest';
import { redact, redacted } from './redact.ts';

it('replaces named paths at any depth and leaves the rest', () => {
  const value = { name: 'a', secret: { key: 'x' }, list: [{ p: 1, q: 2 }] };
  expect(redact(value, ['secret', 'list.*.p'])).toEqual({ name: 'a', secret: redacted, list: [{ p: redacted, q: 2 }] });
  expect(value.secret.key).toBe('x');
});

it('ignores paths that are not there', () => {
  expect(redact({ a: 1 }, ['b.c', 'a.b'])).toEqual({ a: 1 });
});
