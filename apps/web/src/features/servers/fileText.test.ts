import { expect, it } from 'vitest';
import { byteLength, textOfFile } from './fileText.ts';

const bytes = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;

it('reads UTF-8, with or without a mark, and GBK', () => {
  expect(textOfFile(bytes(0xe6, 0x95, 0xb0))).toBe('数');
  expect(textOfFile(bytes(0xef, 0xbb, 0xbf, 0x61))).toBe('a');
  expect(textOfFile(bytes(0xca, 0xfd, 0xbe, 0xdd))).toBe('数据');
  expect(byteLength('数a')).toBe(4);
});
