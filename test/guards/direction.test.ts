import { expect, test } from 'vitest';
import { checkCycles, checkDirection, direction } from './direction.ts';
import { problemsOf } from './guard.ts';
import { importsOf } from './imports.ts';
import { repoOf } from './rig.ts';

const places = {
  'apps/web': { may: ['packages/base'] },
  'apps/desk': { may: ['packages/base'], types: { 'packages/shy': 'its types only' } },
  'packages/base': { may: [] },
  'packages/shy': { may: [] },
};
const check = (files: Record<string, string>) => checkDirection(repoOf(files), places).problems;

test('an import that the house lists passes', () => {
  const files = { 'apps/web/src/a.ts': "import { b } from '@omanager/base';\n", 'packages/base/package.json': '{}' };
  expect(checkDirection(repoOf(files), places)).toEqual({ looked: 1, problems: [] });
});

// Put together here, so that the guards do not take these lines for imports of this file.
const from = (how: string) => `${how} '@omanager/web'`;

test.each([
  ['static', `${from('import { b } from')};`],
  ['several lines', `${from('import {\n  a,\n  type b,\n} from')};`],
  ['types', `${from('import type { B } from')};`],
  ['again exported', `${from('export * from')};`],
  ['for its effect', `${from('import')};`],
  ['dynamic', `const b = await ${from('import(')});`],
  ['type expression', `type B = ${from('import(')}).B;`],
])('a package that imports an app is found: %s', (_how, line) => {
  const files = { 'packages/base/src/a.ts': `${line}\n`, 'apps/web/package.json': '{}' };
  expect(check(files)).toEqual(['packages/base/src/a.ts:1: packages/base may not import apps/web/src/index.ts']);
});

test('app to app is found, with its line', () => {
  const files = {
    'apps/web/src/a.ts': "// first\nimport { b } from '@omanager/desk';\n",
    'apps/desk/package.json': '{}',
  };
  expect(check(files)).toEqual(['apps/web/src/a.ts:2: apps/web may not import apps/desk/src/index.ts']);
});

test('where only types may be known, a value is found', () => {
  const shy = (line: string) => check({ 'apps/desk/src/a.ts': `${line}\n`, 'packages/shy/package.json': '{}' });
  expect(shy("import type { B } from '@omanager/shy';")).toEqual([]);
  expect(shy("import { b } from '@omanager/shy';")).toEqual([
    'apps/desk/src/a.ts:1: apps/desk may not import packages/shy/src/index.ts, only its types',
  ]);
});

test('a file and an import outside every place are found', () => {
  expect(check({ 'apps/new/src/a.ts': '' })).toEqual(['apps/new/src/a.ts: is in no place of the house; list it']);
  const [problem] = check({ 'apps/web/src/a.ts': "import { b } from '../../../tools/b.ts';\n" });
  expect(problem).toContain('reaches into the root');
});

test('a path past the door of a workspace is found; a test beside the code may not leave its workspace either', () => {
  const around = "import { b } from '../../../packages/base/src/b.ts';\n";
  expect(check({ 'apps/web/src/a.ts': around })[0]).toContain('import it by its name');
  const sideways = "import { b } from '@omanager/desk';\n";
  expect(check({ 'apps/web/src/a.test.ts': sideways, 'apps/desk/package.json': '{}' })).toHaveLength(1);
});

test('a guard that sees next to nothing fails', async () => {
  const [problem] = await problemsOf(direction, repoOf({ 'vitest.config.ts': '' }));
  expect(problem).toContain('looked at 0 imports of ours only');
});

test('circles are found, types included; a thread’s own file is none', () => {
  const circles = (files: Record<string, string>) => checkCycles(importsOf(repoOf(files))).problems;
  const files = {
    'packages/base/src/a.ts': "import { b } from './b.ts';\n",
    'packages/base/src/b.ts': "import type { C } from './c.ts';\n",
    'packages/base/src/c.ts': "import { a } from './a.ts';\n",
  };
  expect(circles(files)).toEqual([
    'packages/base/src/a.ts → packages/base/src/b.ts → packages/base/src/c.ts → packages/base/src/a.ts',
  ]);
  const thread = {
    'packages/base/src/a.ts': "new Worker(new URL('./b.ts', import.meta.url));\n",
    'packages/base/src/b.ts': "import { a } from './a.ts';\n",
  };
  expect(circles(thread)).toEqual([]);
});
