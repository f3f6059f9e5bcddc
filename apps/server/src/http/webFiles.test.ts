import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openWebFiles } from './webFiles.ts';

const root = mkdtempSync(join(tmpdir(), 'om-web-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

let builds = 0;
function build(names: string, present = names): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), `<script src="/assets/${names}.js"></script>`);
  if (present) writeFileSync(join(root, `assets/${present}.js`), `// ${present}`);
  // Two builds within a tick of the disk's clock are still two.
  utimesSync(join(root, 'index.html'), ++builds, builds);
}

it('serves another build without a restart, and keeps the assets of the one before', async () => {
  let time = 0;
  build('one');
  const files = await openWebFiles(root, () => time);
  const text = async (path: string) => (await files.file(path))?.content.toString();
  expect((await files.page())?.content.toString()).toContain('one.js');
  build('two');
  time += 5000;
  expect((await files.page())?.content.toString()).toContain('two.js');
  expect(await text('/assets/two.js')).toBe('// two');
  expect(await text('/assets/one.js')).toBe('// one');
});

it('takes nothing of a build that is half written', async () => {
  let time = 0;
  build('one');
  const files = await openWebFiles(root, () => time);
  build('two', '');
  time += 5000;
  expect((await files.page())?.content.toString()).toContain('one.js');
  build('two');
  time += 5000;
  expect((await files.page())?.content.toString()).toContain('two.js');
});

it('says that nothing was built until something is', async () => {
  let time = 0;
  const files = await openWebFiles(root, () => time);
  expect(await files.page()).toBeNull();
  build('one');
  time += 5000;
  expect((await files.page())?.content.toString()).toContain('one.js');
});
