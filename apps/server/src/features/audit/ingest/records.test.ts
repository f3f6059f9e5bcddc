import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecords } from './records.ts';

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text: string) => text.replace(/[\\\t\n\r]/g, (char) => escapes[char] ?? '');
const line = (text: string) =>
  `${['command', '1', '0', 'u', 'u', 'u', 'pts/0', 's', '1', '', '/', '0', 'bash', '', escaped(text)].join('\t')}\n`;

describe('records of a batch', () => {
  it('are any text at all, as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 20 }), (texts) => {
        const parsed = parseRecords(Buffer.from(texts.map(line).join('')));
        expect(parsed.ok && parsed.records.map(({ text }) => text)).toEqual(texts);
      }),
    );
  });

  it('give an answer for any bytes', () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('command\t1\t', '\t', '\n', '\\x', '\\', '\0', line('x'), 'heartbeat')
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect([true, false]).toContain(parseRecords(Buffer.concat(parts)).ok);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['no line end', line('x').slice(0, -1), 400],
    ['an unknown kind', line('x').replace('command', 'order'), 400],
    ['a field too many', line('x\\').replace('bash', 'bash\tzsh'), 400],
    ['an unknown escape', line('x').replace('bash', '\\q'), 400],
    ['a number that is none', line('x').replace('\t1\t0', '\t1\tzero'), 400],
    ['a number that is too long', line('x').replace('\t1\t0', '\t1\t99999999999'), 400],
    ['a number with letters', line('x').replace('\t1\t0', '\t1\t1e3'), 400],
    ['too many', line('x').repeat(1001), 413],
  ])('are refused with %s', (_what, body, status) => {
    expect(parseRecords(Buffer.from(body))).toMatchObject({ ok: false, status });
  });

  it.each(['漢', '🦆'])('are cut where they are too long, and marked', (char) => {
    // A pair of surrogates would be cut in two.
    const parsed = parseRecords(Buffer.from(line(`x${char.repeat(140_000)}`)));
    expect(parsed).toMatchObject({ ok: true, records: [{ marks: ['cut'] }] });
    const text = parsed.ok ? (parsed.records[0]?.text ?? '') : '';
    expect(text).toHaveLength(131_072);
    expect(text.isWellFormed()).toBe(true);
  });
});
