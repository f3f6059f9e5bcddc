import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseManifest } from './parse.ts';
import { validateParams } from './validate.ts';

function moduleWith(params: string, body = 'shell: "true"') {
  const parsed = parseManifest(`id: a.b\ntitle: x\nparams:\n${params.replaceAll(/^/gm, '  ')}\n${body}\n`, 'a.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.manifest;
}

const codes = (params: string, values: Record<string, unknown>, body?: string) =>
  validateParams(moduleWith(params, body), values).problems.map(({ param, code }) => `${param} ${code}`);

describe('validateParams', () => {
  it('fills in defaults and leaves out what has no value', () => {
    const module = moduleWith(
      'n: { type: integer, default: 5 }\ns: { type: string }\nb: { type: boolean, default: false }',
    );
    expect(validateParams(module, {})).toEqual({ values: { n: 5, b: false }, problems: [] });
  });

  it.each([
    ['an unknown param', 'n: { type: integer }', { m: 1 }, ['m unknown']],
    [
      'a name of Object',
      'n: { type: integer }',
      { constructor: 1, toString: 1 },
      ['constructor unknown', 'toString unknown'],
    ],
    ['a missing one', 'n: { type: string, required: true }', {}, ['n required']],
    ['an empty one', 'n: { type: string, required: true }', { n: '' }, ['n required']],
    ['an empty list', 'n: { type: array, items: { type: string }, required: true }', { n: [] }, ['n required']],
    ['text for a number', 'n: { type: integer }', { n: '5' }, ['n type']],
    ['a fraction for an integer', 'n: { type: integer }', { n: 1.5 }, ['n type']],
    ['not a number', 'n: { type: number }', { n: Number.NaN }, ['n type']],
    ['a number out of range', 'n: { type: integer, minimum: 1 }', { n: 0 }, ['n range']],
    ['another word', 'n: { type: string, enum: [a, b] }', { n: 'c' }, ['n enum']],
    ['two lines in a line', 'n: { type: string }', { n: 'a\nb' }, ['n type']],
    ['two lines in an item', 'n: { type: array, items: { type: string } }', { n: ['a\nb'] }, ['n type']],
    ['NUL', 'n: { type: string, format: textarea }', { n: 'a\0b' }, ['n nul']],
    ['NUL in a secret', 'n: { type: string, secret: true }', { n: 'a\0b' }, ['n nul']],
    ['half a character', 'n: { type: string }', { n: '\ud83d' }, ['n invalid']],
    ['what does not match', 'n: { type: string, pattern: "^[a-z]+$" }', { n: 'a1' }, ['n pattern']],
    [
      'an item that does not match',
      'n: { type: array, items: { type: string, pattern: "^a$" } }',
      { n: ['a', 'b'] },
      ['n pattern'],
    ],
    ['too long a text', 'n: { type: string, maxLength: 2 }', { n: 'abc' }, ['n length']],
    ['too many items', 'n: { type: array, maxItems: 1, items: { type: string } }', { n: ['a', 'b'] }, ['n length']],
    ['an object', 'n: { type: string }', { n: { a: 1 } }, ['n type']],
    ['null', 'n: { type: string }', { n: null }, ['n type']],
    ['a text for a file', 'n: { type: string, format: file }', { n: 'x' }, ['n file']],
    ['a file with a path', 'n: { type: string, format: file }', { n: { name: '../x', data: '' } }, ['n file']],
    ['a file that is not base64', 'n: { type: string, format: file }', { n: { name: 'x', data: 'a' } }, ['n file']],
    [
      'too large a file',
      'n: { type: string, format: file, maxLength: 2 }',
      { n: { name: 'x', data: 'AAAA' } },
      ['n length'],
    ],
  ])('refuses %s by name', (_name, params, values, expected) => {
    expect(codes(params, values)).toEqual(expected);
  });

  it('says it in both languages', () => {
    expect(validateParams(moduleWith('n: { type: integer, minimum: 1, maximum: 9 }'), { n: 0 }).problems).toEqual([
      { param: 'n', code: 'range', message: { en: 'must be from 1 to 9', zh: '范围是 1 到 9' } },
    ]);
  });

  it('never runs a pattern for long, however it was written', () => {
    // Backtracking engines need seconds for 30 characters of the first one.
    expect(codes('n: { type: string, pattern: "^(a+)+$" }', { n: `${'a'.repeat(40_000)}!` })).toEqual(['n pattern']);
    expect(codes('n: { type: string, pattern: "^(a?){300}a{300}$" }', { n: 'a'.repeat(100_000) })).toEqual([
      'n length',
    ]);
    expect(() => moduleWith('n: { type: string, pattern: "((a{30}){30}){30}" }')).toThrow('pattern');
  });

  it('keeps a path that a module fetches within the folder its author wrote', () => {
    const inFolder = (value: string) =>
      codes('n: { type: string, default: x }', { n: value }, 'fetch: { from: "/etc/app/{n}.conf" }');
    expect(inFolder('web')).toEqual([]);
    for (const wild of ['../../shadow', 'a/b', '..', '']) expect(inFolder(wild)).toEqual(['n path']);
    const whole = (value: string) => codes('n: { type: string }', { n: value }, 'fetch: { from: "{n}" }');
    expect(whole('/etc/app/web.conf')).toEqual([]);
    for (const wild of ['etc/x', '/etc/../x', '/', '//x', '/etc/']) expect(whole(wild)).toEqual(['n path']);
  });

  it('gives a verdict on any value, and what it accepts is what was given', () => {
    const module = moduleWith('s: { type: string }\ni: { type: integer }\na: { type: array, items: { type: string } }');
    fc.assert(
      fc.property(
        fc.record({ s: fc.anything(), i: fc.anything(), a: fc.anything() }, { requiredKeys: [] }),
        (given) => {
          const { values, problems } = validateParams(module, given);
          const refused = new Set(problems.map(({ param }) => param));
          for (const [name, value] of Object.entries(given)) {
            if (value !== undefined && !refused.has(name)) expect(values[name]).toEqual(value);
          }
        },
      ),
    );
  });
});
