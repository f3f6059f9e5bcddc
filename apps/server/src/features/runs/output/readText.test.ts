import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLinePage } from './linesPage.ts';
import { readText, wholeCharacters } from './readText.ts';

/** 磁盘已满 as a server of GBK writes it. */
const full = Buffer.from('b4c5c5ccd2d1c2fa', 'hex');
/** 𠀀 (four bytes), 漢, a. */
const mixed = Buffer.from('95328236' + '9d68' + '61', 'hex');

it('reads the bytes of a line in the encoding that is asked for', () => {
  expect(readText(full, 'gb18030')).toEqual({ text: '磁盘已满', encoding: 'gb18030' });
  expect(readText(Buffer.from('bacfba4c', 'hex'), 'big5')).toEqual({ text: '磁摔', encoding: 'big5' });
  expect(readText(full, 'utf-8').text).toContain('\ufffd');
});

it('guesses by the line alone: UTF-8, else GB18030 where it is that', () => {
  expect(readText(full, 'auto')).toEqual({ text: '磁盘已满', encoding: 'gb18030' });
  expect(readText(Buffer.from('磁盘'), 'auto')).toEqual({ text: '磁盘' });
  expect(readText(Buffer.from([0x61, 0xff, 0xff]), 'auto')).toEqual({ text: 'a\ufffd\ufffd' });
});

it('cuts where a character ends', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map((length) => wholeCharacters(mixed.subarray(0, length), 'gb18030'))).toEqual([
    ...[1, 2, 3, 4, 4, 6, 7],
  ]);
});

it('loses and doubles nothing of a line that is read in pieces', () => {
  const parts = fc.array(fc.constantFrom('𠀀', '漢', '磁', 'a', ' '), { minLength: 1, maxLength: 40 });
  const bytesOf: Record<string, string> = { 𠀀: '95328236', 漢: '9d68', 磁: 'b4c5', a: '61', ' ': '20' };
  fc.assert(
    fc.property(parts, fc.integer({ min: 4, max: 9 }), fc.constantFrom('gb18030', 'auto'), (chars, most, readAs) => {
      const data = Buffer.from(chars.map((char) => bytesOf[char]).join(''), 'hex');
      let text = '';
      for (let byte = 0; byte < data.length; ) {
        const before = { stdoutBytes: 0, stderrBytes: 0, stdoutLines: 0, stderrLines: 0 };
        const page = createLinePage({ choice: 'stdout', from: { byte }, limit: 1, maxBytes: most, readAs });
        page.add({ stream: 'stdout', data, lines: 1, before, at: 0 });
        const [line] = page.finish().lines;
        text += line?.text;
        byte += line?.bytes ?? data.length;
      }
      expect(text).toBe(chars.join(''));
    }),
  );
});
