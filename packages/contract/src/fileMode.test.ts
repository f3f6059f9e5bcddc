import { expect, it } from 'vitest';
import { modeText } from './fileMode.ts';

it('is written as ls writes it', () => {
  expect(modeText('directory', 0o755)).toBe('drwxr-xr-x');
  expect(modeText('file', 0o640)).toBe('-rw-r-----');
  expect(modeText('file', 0o4755)).toBe('-rwsr-xr-x');
  expect(modeText('file', 0o4644)).toBe('-rwSr--r--');
  expect(modeText('directory', 0o2770)).toBe('drwxrws---');
  expect(modeText('directory', 0o1777)).toBe('drwxrwxrwt');
  expect(modeText('directory', 0o1776)).toBe('drwxrwxrwT');
  expect(modeText('symlink', 0o777)).toBe('lrwxrwxrwx');
});
