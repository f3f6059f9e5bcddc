import fc from 'fast-check';
import { expect, it } from 'vitest';
import { downloadName, plainName, textOf } from './save.ts';

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

it('writes no script into a page', () => {
  const text = '<img src=x onerror=alert(1)></pre><script>alert(1)</script>';
  const page = textOf({ kind: 'html', title: '</title><script>', text });
  expect(page).not.toMatch(/<script|<img/);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('writes no terminal sequence', () => {
  expect(textOf({ kind: 'txt', text: 'a\u001b]52;c;eA==\u0007b\r\nc\rd\u202e' })).toBe(
    'a⟨1b⟩]52;c;eA==⟨07⟩b\r\nc⟨0d⟩d⟨202e⟩',
  );
});

it('writes one object a line', () => {
  expect(textOf({ kind: 'jsonl', rows: [{ a: 'x\ny' }, 1] })).toBe('{"a":"x\\ny"}\n1\n');
});

it('writes no cell that a spreadsheet would take for a formula, and loses none', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom('=', '+', '-', '@', '\t=', ' =', '\r', '\n=', '＝'), fc.string())
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(cell, (text) => {
      const written = textOf({ kind: 'csv', rows: [[text, 'b']] });
      expect(written).toMatch(/^\ufeff"(?:[^"]|"")*","b"\r\n$/);
      expect(written.slice(2)).not.toMatch(/^\s*[=+\-@＝]/);
    }),
  );
});
