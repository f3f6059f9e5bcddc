import { expect, it } from 'vitest';
import { buildTree, visibleNodes } from './tree.ts';

const tree = buildTree(
  {
    total: 5,
    ungrouped: 1,
    environments: [
      { name: 'lab', hosts: 1, groups: [] },
      {
        name: 'prod',
        hosts: 4,
        groups: [
          { path: 'web/www', hosts: 2 },
          { path: 'web', hosts: 3 },
        ],
      },
    ],
  },
  ['web', 'web/www', 'db', 'db/old'],
);

it('shows environments, their groups below each other, and empty groups last', () => {
  const shown = visibleNodes(tree, () => true).map(({ level, name, hosts, environment }) =>
    [level, name, hosts, environment].join(' '),
  );
  expect(shown).toEqual([
    '1  5 ',
    '2 lab 1 lab',
    '2 prod 4 prod',
    '3 web 3 prod',
    '4 www 2 prod',
    '2 db 0 ',
    '3 old 0 ',
  ]);
});

it('hides what is below a closed line', () => {
  expect(visibleNodes(tree, (key) => key === '').map(({ key }) => key)).toEqual(['', 'env:lab', 'env:prod', '|db']);
});
