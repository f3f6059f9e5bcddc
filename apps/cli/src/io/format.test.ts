import { expect, it } from 'vitest';
import { formatBytes, formatDuration } from './format.ts';

it.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [1500, '1.5 s'],
  [2000, '2 s'],
  [300_000, '5 min'],
  [61_000, '1 min 1 s'],
  [7_260_000, '2 h 1 min'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it.each([
  [5, '5 B'],
  [2048, '2.0 KiB'],
  [3 << 20, '3.0 MiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
