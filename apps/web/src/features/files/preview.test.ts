import { expect, it } from 'vitest';
import { readPreview } from './preview.ts';

const utf8 = (text: string) => Uint8Array.from(new TextEncoder().encode(text));
const text = (encoding: 'UTF-8' | 'GB18030', lines: string[], cut = false) => ({ kind: 'text', encoding, lines, cut });

it('is text in UTF-8, or GB18030 where it fits, or no text', () => {
  expect(readPreview(utf8('a\r\n运维'), false)).toEqual(text('UTF-8', ['a', '运维']));
  expect(readPreview(Uint8Array.of(0xd4, 0xcb), false)).toEqual(text('GB18030', ['运']));
  expect(readPreview(utf8(''), false)).toEqual(text('UTF-8', ['']));
  expect(readPreview(utf8('\u001b[31mred\u001b[0m'), false)).toMatchObject({ kind: 'text' });
  for (const bytes of [
    [0x7f, 0x45, 0],
    [1, 2, 3, 4],
    [0x61, 0xff, 0xff],
  ])
    expect(readPreview(Uint8Array.from(bytes), false)).toEqual({ kind: 'binary' });
});

it('may end within a character where it was cut, and nowhere else', () => {
  const half = utf8('一行\n半').subarray(0, 9);
  expect(readPreview(half, true)).toEqual(text('UTF-8', ['一行', ''], true));
  expect(readPreview(half, false)).not.toMatchObject({ encoding: 'UTF-8' });
});

it('has no more lines than a browser can show', () => {
  expect(readPreview(utf8('\n'.repeat(300_000)), false)).toMatchObject({ kind: 'text', cut: true });
});
