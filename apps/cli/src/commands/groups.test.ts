import { expect, it } from 'vitest';
import { treeOf } from './groups.ts';

it('draws the tree', () => {
  const groups = ['web', 'web/www', 'web/api', 'web/api/v2', 'db', 'web api'].map((path, hosts) => ({ path, hosts }));
  expect(treeOf(groups).map(({ prefix, name, hosts }) => `${prefix}${name} ${hosts}`)).toEqual([
    'db 4',
    'web 0',
    '├─ api 2',
    '│  └─ v2 3',
    '└─ www 1',
    'web api 5',
  ]);
});
