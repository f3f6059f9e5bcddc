import { expect, it } from 'vitest';
import { createAdmission } from './admission.ts';

it('lets an address have a few at a time, and forgets them when they leave', () => {
  const { enter } = createAdmission({ now: () => 0 });
  const inside = Array.from({ length: 64 }, () => enter('192.0.2.1'));
  expect(inside).not.toContain(null);
  expect(enter('192.0.2.1')).toBeNull();
  expect(enter('192.0.2.2')).not.toBeNull();
  inside[0]?.();
  inside[0]?.();
  expect(enter('192.0.2.1')).not.toBeNull();
  expect(enter('192.0.2.1')).toBeNull();
});

it('lets an address come so many times at once, and then so many a second', () => {
  let at = 0;
  const { enter } = createAdmission({ now: () => at });
  function come(times: number): number {
    let entered = 0;
    for (let i = 0; i < times; i++) {
      const leave = enter('192.0.2.1');
      if (leave) entered++;
      leave?.();
    }
    return entered;
  }
  expect(come(300)).toBe(200);
  at += 1000;
  expect(come(300)).toBe(50);
  at += 60_000;
  expect(come(300)).toBe(200);
});

it('takes an IPv6 network of one customer for one address', () => {
  const { enter } = createAdmission({ now: () => 0 });
  for (let i = 0; i < 64; i++) expect(enter(`2001:db8:1:2::${i.toString(16)}`)).not.toBeNull();
  expect(enter('2001:db8:1:2:3:4:5:6')).toBeNull();
  expect(enter('2001:db8:1:3::1')).not.toBeNull();
  expect(enter('::1')).not.toBeNull();
});

it('has room for a thousand in all', () => {
  const { enter } = createAdmission({ now: () => 0 });
  const entered = Array.from({ length: 1200 }, (_, i) => enter(`10.0.${i >> 8}.${i & 255}`));
  expect(entered.filter((leave) => leave !== null)).toHaveLength(1000);
});
