import type { OutputChunk } from '@omanager/contract';
import { expect, it } from 'vitest';
import { sampleLines } from './lines.ts';

const chunk = (stream: OutputChunk['stream'], data: Uint8Array | string): OutputChunk => ({
  ...{ seq: 1, stream, at: '2026-01-01T00:00:00Z' },
  data: btoa(String.fromCharCode(...(typeof data === 'string' ? new TextEncoder().encode(data) : data))),
});

it('joins lines and characters that were cut between chunks, each stream by itself', () => {
  const bytes = new TextEncoder().encode('主机\n好');
  expect(
    sampleLines([chunk('stdout', bytes.subarray(0, 4)), chunk('stderr', 'oh\nno'), chunk('stdout', bytes.subarray(4))]),
  ).toEqual([
    { stream: 'stdout', text: '主机' },
    { stream: 'stderr', text: 'oh' },
    { stream: 'stderr', text: 'no' },
    { stream: 'stdout', text: '好' },
  ]);
});

it('keeps empty lines and makes none of the last newline', () => {
  expect(sampleLines([chunk('stdout', 'a\n\nb\n')]).map(({ text }) => text)).toEqual(['a', '', 'b']);
  expect(sampleLines([])).toEqual([]);
});
