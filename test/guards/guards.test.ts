import { expect, test } from 'vitest';
import { checkDependencies } from './dependencies.ts';
import { checkDocs } from './docs.ts';
import { importsOf } from './imports.ts';
import { readRepo } from './repo.ts';
import { manifest, repoOf } from './rig.ts';
import { checkTables } from './tables.ts';
import { checkLockfile, checkMentions, checkSize, checkSkips, checkWords } from './text.ts';

const dependencyProblems = (files: Record<string, string>) => {
  const repo = repoOf(files);
  return checkDependencies(repo, importsOf(repo), {}).problems;
};

test('a dependency that is missing, superfluous, inexact or of two versions is found', () => {
  const use = "import { x } from 'zod';\nimport { y } from 'ws';\n";
  expect(
    dependencyProblems({
      'package.json': manifest('root', { devDependencies: { zod: '4.0.0' } }),
      'test/a.test.ts': "import { x } from 'zod';\n",
      'packages/base/package.json': manifest('@omanager/base', { dependencies: { zod: '^4.6.7', knex: '3.3.0' } }),
      'packages/base/src/a.ts': use,
    }),
  ).toEqual([
    'packages/base/package.json: zod needs an exact version, not ^4.6.7',
    'packages/base/package.json: zod is ^4.6.7 here and 4.0.0 elsewhere',
    'packages/base/package.json: knex is imported nowhere',
    'packages/base/package.json: ws is missing; packages/base/src/a.ts imports it',
  ]);
});

test('what a test beside the code imports belongs to the root; a package never depends on an app', () => {
  const files = {
    'package.json': manifest('root'),
    'apps/web/package.json': manifest('@omanager/web'),
    'packages/base/package.json': manifest('@omanager/base', { dependencies: { '@omanager/web': '1.0.0' } }),
    'packages/base/src/a.ts': "import { w } from '@omanager/web';\n",
    'packages/base/src/a.test.ts': "import fc from 'fast-check';\n",
  };
  expect(dependencyProblems(files)).toEqual([
    'package.json: fast-check is missing; packages/base/src/a.test.ts imports it',
    'packages/base/package.json: a package depends on the app @omanager/web',
  ]);
});

test('a workspace without the house’s package.json is found', () => {
  const [problem] = dependencyProblems({ 'packages/base/package.json': '{ "name": "@omanager/base" }' });
  expect(problem).toContain('packages/base/package.json: version');
});

test('somebody else’s table is found, in a query and inside SQL; comments and own tables are not', () => {
  const migrations = { 'migrations/1.ts': "  await table(db, 'hosts', (t) => {\n  await table(db, 'runs', (t) => {\n" };
  const owned = { 'features/inventory': ['hosts'], 'features/runs': ['runs'] };
  const runs = (text: string) =>
    checkTables(repoOf({ ...migrations, 'apps/server/src/features/runs/a.ts': text }), owned, {}).problems;
  const refused = [
    'apps/server/src/features/runs/a.ts:2: the table hosts belongs to features/inventory; ask it instead',
  ];
  expect(runs("\ndb.knex('hosts').first();")).toEqual(refused);
  expect(runs("\ntx('runs').join('hosts as h', 'h.id', 'host_id');")).toEqual(refused);
  expect(runs("\ntx.raw('select 1 from hosts where id = ?');")).toEqual(refused);
  expect(runs("// from hosts\n/* 'hosts' */\ntx('runs'); type T = Map['hosts'];")).toEqual([]);
});

test('a table without an owner, and an owner without a table, are found', () => {
  const repo = repoOf({ 'migrations/1.ts': "  await table(db, 'hosts', (t) => {\n" });
  expect(checkTables(repo, { 'features/runs': ['runs'] }, {}).problems).toEqual([
    'migrations: the table hosts has no owner',
    'no migration makes the table runs',
  ]);
});

test('docs that lack a row, or say it in other words, are found', () => {
  const repo = readRepo();
  const file = 'docs/protocol.md';
  const problemsWith = (change: (text: string) => string) =>
    checkDocs(new Map(repo).set(file, change(repo.get(file) ?? ''))).problems;
  expect(problemsWith((text) => text)).toEqual([]);
  expect(problemsWith((text) => text.replace(/^\| `NO_HOSTS` .*\n/m, ''))).toHaveLength(1);
  expect(problemsWith((text) => text.replace('<!-- /errors -->', ''))[0]).toContain('markers');
  expect(problemsWith(() => '').length).toBeGreaterThan(3);
});

test('long sources are found, and exceptions that nobody needs any more', () => {
  const repo = repoOf({ 'apps/web/src/a.ts': 'x\n'.repeat(301), 'apps/web/src/b.ts': 'x\n'.repeat(300) });
  expect(checkSize(repo, {}).problems).toHaveLength(1);
  expect(checkSize(repo, { 'apps/web/src/a.ts': 'one table' }).problems).toEqual([]);
  expect(checkSize(repo, { 'apps/web/src/a.ts': '', 'apps/web/src/b.ts': '' }).problems[0]).toContain('no exception');
});

test.each([
  ['a path of somebody’s machine', '/home/' + 'ann/x'],
  ['the name of a registry', 'https://registry.' + 'npmjs.org'],
  ['a note to oneself', '// TO' + 'DO later'],
  ['a merge conflict', `${'<'.repeat(7)} HEAD`],
])('%s is found', (_what, text) => {
  expect(checkWords(repoOf({ 'a.txt': `fine\n${text}\n` })).problems[0]).toMatch(/^a\.txt:2: /);
});

test('a text that names a missing file is found, in a doc and in a comment', () => {
  // Put together here, so that the guard does not look for these files.
  const md = (name: string) => `${name}.md`;
  const found = (files: Record<string, string>) => checkMentions(repoOf(files)).problems.length;
  expect(found({ 'a.ts': `// see ${md('docs/gone')}` })).toBe(1);
  expect(found({ [md('a')]: 'see `apps/web/src`' })).toBe(1);
  expect(found({ [md('docs/a')]: `see [b](${md('b')}), \`apps/web\``, [md('docs/b')]: '', 'apps/web/x.ts': '' })).toBe(
    0,
  );
});

test('tests that are left out without a reason are found', () => {
  const found = (text: string) => checkSkips(repoOf({ 'a.test.ts': text })).problems.length;
  for (const how of ['test.skip', 'it.todo', 'describe.skipIf', 'test.fails', 'test.concurrent.skip']) {
    expect(found(`\n${how}('x');`)).toBe(1);
    expect(found(`// the lab says why\n${how}('x');`)).toBe(0);
    expect(found(`${how}('x'); // not on Windows`)).toBe(0);
  }
  expect(found(`// because\n${'test.only'}('x');`)).toBe(1);
  expect(found(`\n${'describe.skipIf'}(!has('sshd'))('x', () => {`)).toBe(0);
  expect(found("\nawait om('run', 'test.fails');")).toBe(0);
});

test('a registry in the lock file, and a package without integrity, are found', () => {
  const lock = (entry: object) =>
    checkLockfile(repoOf({ 'package-lock.json': JSON.stringify({ packages: { 'node_modules/a': entry } }) }));
  expect(lock({ resolved: 'https://example.org/a.tgz', integrity: 'sha512-x' }).problems).toHaveLength(1);
  expect(lock({}).problems).toHaveLength(1);
  expect(lock({ resolved: 'packages/a', link: true }).problems).toEqual([]);
});
