import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileText } from './fileText.ts';

it('writes no script into a page', () => {
  const text = '<img src=x onerror=alert(1)></pre><script>alert(1)</script>';
  const page = fileText({ kind: 'html', title: '</title><script>', text });
  expect(page).not.toMatch(/<script|<img/);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('writes no terminal sequence', () => {
  expect(fileText({ kind: 'txt', text: 'a\u001b]52;c;eA==\u0007b\r\nc\rd\u202e' })).toBe(
    'a⟨1b⟩]52;c;eA==⟨07⟩b\r\nc⟨0d⟩d⟨202e⟩',
  );
});

it('begins with a mark where one is asked for', () => {
  expect(fileText({ kind: 'txt', text: '主机', mark: true })).toBe('\ufeff主机');
  expect(fileText({ kind: 'csv', rows: [['a']], mark: false })).toBe('"a"\r\n');
});

it('writes one object a line', () => {
  expect(fileText({ kind: 'jsonl', rows: ['\u009b\u202e'] })).toBe('"\\u009b\\u202e"\n');
  expect(fileText({ kind: 'jsonl', rows: [{ a: 'x\ny' }, 1] })).toBe('{"a":"x\\ny"}\n1\n');
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
      const written = fileText({ kind: 'csv', rows: [[text, 'b']] });
      expect(written).toMatch(/^\ufeff"(?:[^"]|"")*","b"\r\n$/);
      expect(written.slice(2)).not.toMatch(/^\s*[=+\-@＝]/);
    }),
  );
});
