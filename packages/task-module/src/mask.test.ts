import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker } from './mask.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const text = (parts: Uint8Array[]) => Buffer.concat(parts).toString('utf8');
const whole = (secrets: string[], output: string) => {
  const masker = createMasker(secrets);
  return text([...masker.push(utf8(output)), masker.flush()]);
};

describe('createMasker', () => {
  it('masks plain text and common encodings', () => {
    const secret = "it's s3cret+/?";
    const shown = [
      secret,
      `'${secret.replaceAll("'", "'\\''")}'`,
      JSON.stringify({ secret }),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
      Buffer.from(`user:${secret}`).toString('base64'),
      Buffer.from(`u:${secret}!`).toString('base64url'),
    ];
    for (const output of shown) {
      const masked = whole([secret], `before ${output} after`);
      expect(masked).toContain('••••');
      expect(masked.startsWith('before ')).toBe(true);
      expect(masked.endsWith(' after')).toBe(true);
      expect(masked).not.toContain(secret);
    }
  });

  it('masks each line of a secret of several lines, but not its short lines', () => {
    const key = '-----BEGIN KEY-----\nAAAABBBBCCCCDDDD\nshort\n-----END KEY-----\n';
    expect(whole([key], 'x AAAABBBBCCCCDDDD y short')).toBe('x •••• y short');
  });

  it.each([76, 64])('masks base64 that was broken into lines of %i characters', (width) => {
    const key = `-----BEGIN KEY-----\n${'AAAA/BBBB+CCCCDDDD0123456789 abcdefghijklmnopqrstuvwxyz\n'.repeat(6)}-----END KEY-----\n`;
    const lines =
      Buffer.from(key)
        .toString('base64')
        .match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
    const masked = whole([key], lines.join('\n'));
    for (const line of lines.slice(0, -1)) expect(masked).not.toContain(line.slice(0, 12));
  });

  it('leaves none of any secrets behind, and everything between them', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(letters, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (secrets, picks) => {
          const between = '|----|';
          const shown = picks.map((pick) => secrets[pick % secrets.length]);
          const expected = shown.map(() => '••••').join(between);
          expect(whole(secrets, shown.join(between))).toBe(expected);
          const masked = whole(secrets, shown.join(''));
          for (const secret of secrets) expect(masked).not.toContain(secret);
        },
      ),
    );
  });

  it('is no oracle for very short secrets', () => {
    expect(whole(['abc', ''], 'abc')).toBe('abc');
  });

  it('masks the same however the output is cut, byte by byte too', () => {
    const piece = fc.constantFrom('hunter2!', 'hunter', '2!', 'h', 'correct horse', ' ', '\n', 'é', 'correct');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        // Pieces shorter and longer than the longest form of a secret (26 bytes) go different ways.
        fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 20, max: 90 }))),
        (pieces, sizes) => {
          const secrets = ['hunter2!', 'correct horse', 'horse h'];
          const bytes = utf8(pieces.join(''));
          const masker = createMasker(secrets);
          const parts: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = sizes.next().value ?? 1;
            parts.push(...masker.push(bytes.subarray(at, at + size)));
            at += size;
          }
          parts.push(masker.flush());
          expect(text(parts)).toBe(whole(secrets, pieces.join('')));
          expect(text(parts)).not.toContain('hunter2!');
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('holds back nothing that cannot become a secret, so that a slow log shows at once', () => {
    const masker = createMasker(['a-very-long-secret '.repeat(200)]);
    expect(text(masker.push(utf8('a line of the log\n')))).toBe('a line of the log\n');
    expect(text(masker.push(utf8('then a-very-l')))).toBe('then ');
    expect(text(masker.push(utf8('ucky one\n')))).toBe('a-very-lucky one\n');
  });

  it('passes everything else through unchanged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const masker = createMasker(['a secret that never occurs by chance']);
        expect(Buffer.concat([...masker.push(bytes), masker.flush()]).equals(Buffer.from(bytes))).toBe(true);
      }),
    );
  });
});
