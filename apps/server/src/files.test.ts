import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from './files.ts';

it('makes private folders, those above too, and leaves existing ones alone', () => {
  const root = mkdtempSync(join(tmpdir(), 'om-files-'));
  try {
    makeFolder(join(root, 'a', 'b'));
    makeFolder(join(root, 'a', 'b'));
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'a', 'b')).isDirectory()).toBe(true);
  } finally {
    rmSync(root, { recursive: true });
  }
});

it('says so where no folder can be made, instead of trying for ever', () => {
  expect(() => makeFolder('/proc/nope/deeper')).toThrow(/ENOENT|EACCES|EPERM/);
});
