import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OmError } from './errors.ts';
import { parseSelector, type Selector, selectorLimits } from './selector.ts';
import { formatSelector, matcherOf, matches, type SelectableHost } from './selectorMatch.ts';

const host: SelectableHost = {
  name: 'web-01',
  groups: ['web/www', '网站/首 页'],
  labels: { role: 'db', canary: '', url: 'http://x/y' },
  environment: 'prod',
  zone: 'hk',
};
const means = (text: string, more: Partial<SelectableHost> = {}) => matches(parseSelector(text), { ...host, ...more });

function refusal(text: string): { position: unknown; expected: unknown; message: string } {
  try {
    parseSelector(text);
  } catch (error) {
    if (error instanceof OmError && error.code === 'SELECTOR_INVALID') {
      return { position: error.details?.position, expected: error.details?.expected, message: error.message };
    }
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('a selector means', () => {
  it.each([
    ['web-01', true],
    ['"web-01"', true],
    ['web-02', false],
    ['WEB-01', false],
    ['web-*', true],
    ['*-0?', true],
    ['web-0', false],
    ['w*b*0*1', true],
    ['web-01?', false],
    ['*', true],
    ['**', true],
    ['!*', false],
    ['web-[01-40]', true],
    ['web-[1-40]', false],
    ['web-[00,01],db', true],
    ['group:web', true],
    ['group:web/www', true],
    ['group:we', false],
    ['group:web/www/x', false],
    ['group:网站', true],
    ['group:"网站/首 页"', true],
    ['label:role=db', true],
    ['label:role="db"', true],
    ['label:role', true],
    ['label:role=', false],
    ['label:canary', true],
    ['label:canary=', true],
    ['label:canary=yes', false],
    ['label:url=http://x/y', true],
    ['label:constructor', false],
    ['env:prod', true],
    ['env:生产', false],
    ['zone:hk', true],
    ['zone:default', false],
    ['!web-01', false],
    ['!!web-01', true],
    ['! web-02', true],
  ])('%s → %s', (text, expected) => expect(means(text)).toBe(expected));

  it.each(['', ' ', '\n\t'])('nobody when it is blank (%j)', (text) => {
    expect(parseSelector(text)).toEqual({ kind: 'none' });
    expect(means(text)).toBe(false);
  });

  it('wide characters one by one', () => {
    expect(means('京?', { name: '京𠮷' })).toBe(true);
    expect(means('?', { name: '𠮷' })).toBe(true);
  });

  it('what binds tightest: ! before & before union', () => {
    expect(parseSelector('a, b & !c | d')).toEqual(parseSelector('a, (b & (!c)), d'));
    expect(parseSelector('a|b,c')).toEqual({ kind: 'or', of: ['a', 'b', 'c'].map((name) => ({ kind: 'name', name })) });
    expect(means('group:web & !label:canary=yes')).toBe(true);
    expect(means('(db-1, web-01) & env:prod')).toBe(true);
    expect(means('db-1, web-01 & env:staging')).toBe(false);
  });
});

describe('a mistake is pointed at', () => {
  it.each([
    ['group:web & & db', 12],
    ['web db', 4],
    ['(a, b', 5],
    ['a)', 1],
    ['a,', 2],
    ['!', 1],
    ['()', 1],
    ['a, foo:b', 3],
    ['group:', 6],
    ['group:web/*', 6],
    ['label:=x', 6],
    ['label:a=b c', 10],
    ['label:a=b;c', 8],
    ['env:"a b"', 4],
    ['zone:香港', 5],
    ['-web', 0],
    ['.web', 0],
    ['web;rm', 3],
    ['web-[1-3', 4],
    ['a, web-[3-1]', 8],
    ['web]', 3],
    ['web-[1-3]*', 9],
    ['"web', 0],
    ['"a b"', 0],
    ['"a"b', 3],
    ['web"a"', 3],
    ['a，b', 1],
  ])('%s at %i', (text, position) => expect(refusal(text).position).toBe(position));

  it('with a caret below it', () => {
    expect(refusal('group:web & & db').message).toBe(
      [
        'The selector cannot be read at character 13: expected a server name, group:…, label:…, env:…, zone:…, *, ! or (.',
        '  group:web & & db',
        '              ^',
      ].join('\n'),
    );
    const [, shown, caret] = refusal(`${'网站-01,\n'.repeat(50)}&`).message.split('\n');
    expect(shown).not.toMatch(/\p{C}/u);
    expect(caret?.trimStart()).toBe('^');
    expect(caret).toContain('\u3000');
  });

  it('for what is beyond its bounds', () => {
    const { depth, length, terms } = selectorLimits;
    expect(means(`${'('.repeat(depth)}web-01${')'.repeat(depth)}`)).toBe(true);
    expect(refusal('('.repeat(depth + 1)).position).toBe(depth);
    expect(refusal('!'.repeat(9_999)).position).toBe(depth);
    expect(refusal(`${'a'.repeat(length)}b`).position).toBe(length);
    expect(refusal('a[1-15000],b[1-15000]').position).toBe(11);
    expect(refusal(Array.from({ length: terms + 1 }, () => 'a*').join()).message).toContain('use groups or labels');
    expect(parseSelector(Array.from({ length: 1600 }, (_, i) => `h${i}`).join())).toMatchObject({ kind: 'or' });
  });
});

describe('properties', () => {
  const word = fc.constantFrom('a', 'b1', 'web-01', '京-2', 'x_y.z');
  const leaf = fc.oneof(
    fc.constant<Selector>({ kind: 'all' }),
    word.map((name): Selector => ({ kind: 'name', name })),
    fc.constantFrom('web-[01-12]', 'a[1,3]b', '[1-2]').map((text): Selector => ({ kind: 'range', text })),
    fc.constantFrom('web-*', '?', '*1', '京?').map((pattern): Selector => ({ kind: 'glob', pattern })),
    fc.constantFrom('web', 'web/w w', '网站/首页').map((path): Selector => ({ kind: 'group', path })),
    fc
      .tuple(fc.constantFrom('role', 'c-1'), fc.constantFrom(null, '', 'db', 'a/b:c@d+e'))
      .map(([key, value]): Selector => ({ kind: 'label', key, value })),
    fc.constantFrom('prod', '生产').map((name): Selector => ({ kind: 'environment', name })),
    word.filter((name) => name !== '京-2').map((name): Selector => ({ kind: 'zone', name })),
  );
  const { tree } = fc.letrec<{ tree: Selector; many: Selector[] }>((tie) => ({
    many: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      tie('tree').map((of): Selector => ({ kind: 'not', of })),
      tie('many').map((of): Selector => ({ kind: 'and', of })),
      tie('many').map((of): Selector => ({ kind: 'or', of })),
    ),
  }));

  it('a tree survives its text', () => {
    fc.assert(
      fc.property(tree, (selector) => {
        expect(parseSelector(formatSelector(selector))).toEqual(selector);
      }),
    );
    expect(formatSelector(parseSelector(' '))).toBe('');
    expect(means(formatSelector({ kind: 'or', of: [{ kind: 'none' }, { kind: 'name', name: 'web-01' }] }))).toBe(true);
  });

  it('any text is read or refused inside the text, and what is read can be written', () => {
    const piece = fc.oneof(
      fc.constantFrom('(', ')', '!', '&', ',', '|', '*', '?', '[', ']', '1-3', '"', '\\', ' ', ':', '='),
      fc.constantFrom('a', 'web', 'group:', 'label:', 'env:', 'zone:', '京', '𠮷', '-', '\u202e', '\u0000'),
    );
    const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (text) => {
        let selector: Selector;
        try {
          selector = parseSelector(text);
        } catch (error) {
          if (!(error instanceof OmError)) throw error;
          expect(error.details?.position).toBeGreaterThanOrEqual(0);
          expect(error.details?.position).toBeLessThanOrEqual(text.length);
          return;
        }
        expect(parseSelector(formatSelector(selector))).toEqual(selector);
      }),
      { numRuns: 2000 },
    );
  });

  it('the wildcards mean what a regular expression says', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '京', '𠮷'), { minLength: 1, maxLength: 8 });
    const patterns = fc.array(fc.constantFrom('a', 'b', '𠮷', '*', '?'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(letters, patterns, (name, pattern) => {
        const regex = new RegExp(`^${pattern.join('').replaceAll('*', '.*').replaceAll('?', '.')}$`, 'u');
        expect(means(pattern.join(''), { name: name.join('') })).toBe(regex.test(name.join('')));
      }),
    );
  });

  it('a pattern made to hurt costs no more than pattern times name', () => {
    const is = matcherOf(parseSelector(`${'*a'.repeat(90)}*b`));
    for (let i = 0; i < 100; i++) expect(is({ ...host, name: 'a'.repeat(200) })).toBe(false);
  });
});
