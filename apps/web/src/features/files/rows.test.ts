import type { FileEntry } from '@omanager/contract';
import { expect, it } from 'vitest';
import { rowsOf } from './rows.ts';

const entry = (name: string, more: Partial<FileEntry> = {}): FileEntry => ({
  ...{ name, kind: 'file', leadsTo: null, size: 1, modifiedAt: '2026-01-01T00:00:00.000Z', mode: 0o644 },
  ...{ owner: 'root', group: 'root', ...more },
});
const items = [
  entry('log.10', { size: 5 }),
  entry('log.9', { size: 9 }),
  entry('.hidden'),
  entry('sub', { kind: 'directory', size: 4096 }),
  entry('also', { kind: 'symlink', leadsTo: 'directory' }),
];
const names = (...args: Parameters<typeof rowsOf> extends [unknown, ...infer R] ? R : never) =>
  rowsOf(items, ...args).map(({ name }) => name);

it('has folders first, numbers in their order, hidden ones when asked', () => {
  const shown = { find: '', hidden: false };
  expect(names({ key: 'name', down: false }, shown)).toEqual(['also', 'sub', 'log.9', 'log.10']);
  expect(names({ key: 'name', down: true }, shown)).toEqual(['sub', 'also', 'log.10', 'log.9']);
  expect(names({ key: 'size', down: true }, shown)).toEqual(['sub', 'also', 'log.9', 'log.10']);
  expect(names({ key: 'name', down: false }, { find: 'LOG', hidden: true })).toEqual(['log.9', 'log.10']);
  expect(names({ key: 'name', down: false }, { find: '', hidden: true })).toContain('.hidden');
});
