import { describe, expect, it } from 'vitest';
import { isMeant } from './search.ts';

const restart = { id: 'service.restart', legacyId: 1007, title: { en: 'Restart a service', zh: '重启进程服务' } };

describe('search for modules', () => {
  it.each(['', 'Restart', 'service.re', '重启', 'cqjc', 'jcfw', '1007', '#100', 'restart  1007'])(
    'finds by “%s”',
    (typed) => {
      expect(isMeant(restart, typed)).toBe(true);
    },
  );
  it.each(['stop', '007', 'cqfw', 'restart disk', '磁盘'])('does not find by “%s”', (typed) => {
    expect(isMeant(restart, typed)).toBe(false);
  });
});
