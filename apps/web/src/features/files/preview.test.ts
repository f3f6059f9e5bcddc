import { expect, it } from 'vitest';
import { readPreview } from './preview.ts';

const utf8 = (text: string) => Uint8Array.from(new TextEncoder().encode(text));

it('is text in UTF-8 or GB18030, cut at a line, or no text', () => {
  expect(readPreview(utf8('a\n运维'), false)).toEqual({ kind: 'text', text: 'a\n运维', cut: false });
  expect(readPreview(Uint8Array.of(0xd4, 0xcb), false)).toEqual({ kind: 'text', text: '运', cut: false });
  expect(readPreview(utf8('一行\n半行').subarray(0, 9), true)).toEqual({ kind: 'text', text: '一行\n', cut: true });
  expect(readPreview(Uint8Array.of(0x7f, 0x45, 0), false)).toEqual({ kind: 'binary' });
  expect(readPreview(utf8(''), false)).toEqual({ kind: 'text', text: '', cut: false });
});
