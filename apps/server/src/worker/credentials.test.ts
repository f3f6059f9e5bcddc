import { expect, test } from 'vitest';
import { createUsedCredentials } from './credentials.ts';

test('a version that went stale closes connections, unless a newer one is in use by then', () => {
  const used = createUsedCredentials();
  const closed: string[] = [];
  used.onChange((id) => closed.push(id));
  expect(used.used('a', 1)).toBe(true);
  expect(used.used('a', 1)).toBe(false);
  expect(used.list()).toEqual([{ id: 'a', version: 1 }]);
  used.stale('a', 1);
  expect([closed, used.list()]).toEqual([['a'], []]);
  used.used('a', 1);
  // The new version itself says that the old one is over; what the server says of the old one comes too late.
  expect(used.used('a', 2)).toBe(true);
  used.stale('a', 1);
  expect([closed, used.list()]).toEqual([['a', 'a'], [{ id: 'a', version: 2 }]]);
});

test('more than can be kept are closed, the longest unused first', () => {
  const used = createUsedCredentials();
  const closed: string[] = [];
  used.onChange((id) => closed.push(id));
  for (let i = 0; i < 5000; i++) used.used(`c-${i}`, 1);
  used.used('c-0', 1);
  used.used('one-more', 1);
  expect(closed).toEqual(['c-1']);
  expect(used.list()).toHaveLength(5000);
});
