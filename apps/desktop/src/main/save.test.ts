import { expect, it } from 'vitest';
import { downloadName, plainName } from './save.ts';

it('makes no name that leaves the folder', () => {
  expect(plainName('../../etc/passwd')).toBe('etc-passwd');
  expect(plainName('C:\\x\\run 812.txt')).toBe('C-x-run 812');
  expect(plainName('..')).toBe('output');
  expect(plainName('执行记录 #812')).toBe('执行记录 -812');
});

it('gives a download an extension that nothing runs', () => {
  expect(downloadName('../run-812.log')).toBe('run-812.log');
  expect(downloadName('run.exe')).toBe('run.txt');
  expect(downloadName('run.html.desktop')).toMatch(/\.txt$/);
});
