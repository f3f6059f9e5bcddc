import fc from 'fast-check';
import { expect, it } from 'vitest';
import { askedParams } from './condition.ts';
import { parseManifest } from './parse.ts';
import { validateParams } from './validate.ts';

const text = (params: string): string => `id: a.b\ntitle: x\nrisk: read\nparams:\n${params}\nshell: 'true'\n`;
const form = `
  from: { type: string, enum: [file, url, none], default: file }
  url: { type: string, required: true, x-when: { from: { const: url } } }
  tls: { type: boolean, default: true, x-when: { from: { enum: [url] } } }
  ca: { type: string, default: system, x-when: { from: { const: url }, tls: { const: true } } }`;

function manifestOf(params: string) {
  const parsed = parseManifest(text(params), 'a.yaml');
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.manifest;
}

it('asks for a param where its condition holds, and refuses it where not', () => {
  const manifest = manifestOf(form);
  expect(validateParams(manifest, {})).toEqual({ values: { from: 'file' }, problems: [] });
  expect(validateParams(manifest, { from: 'url' }).problems).toMatchObject([{ param: 'url', code: 'required' }]);
  expect(validateParams(manifest, { from: 'url', url: 'x' }).values).toEqual({
    ...{ from: 'url', url: 'x', tls: true, ca: 'system' },
  });
  expect(validateParams(manifest, { from: 'url', url: 'x', tls: false, ca: 'own' }).problems).toMatchObject([
    { param: 'ca', code: 'hidden' },
  ]);
  // What hangs on a param that is not asked for is not asked for either.
  expect(validateParams(manifest, { tls: true, ca: 'own' }).problems.map(({ param }) => param)).toEqual(['tls', 'ca']);
});

it('says the same to who fills in and to who checks, whatever is filled in', () => {
  const manifest = manifestOf(form);
  const some = fc.record(
    { from: fc.constantFrom('file', 'url', 'none'), tls: fc.boolean(), url: fc.string(), ca: fc.constant('own') },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(some, (given) => {
      const asked = askedParams(manifest.params.properties, given);
      const { problems } = validateParams(manifest, given);
      const hidden = problems.flatMap(({ param, code }) => (code === 'hidden' ? [param] : []));
      expect(hidden).toEqual(
        Object.keys(manifest.params.properties).filter((name) => name in given && !asked.includes(name)),
      );
    }),
  );
});

it.each([
  ['  a: { type: string, x-when: { b: { const: x } } }\n  b: { type: string }', 'stands before'],
  ['  a: { type: string, x-when: { a: { const: x } } }', 'stands before'],
  ['  a: { type: string, enum: [x] }\n  b: { type: string, x-when: { a: { const: y } } }', 'must be one of x'],
  ['  a: { type: boolean }\n  b: { type: string, x-when: { a: { enum: ["true"] } } }', 'must be true or false'],
  ['  a: { type: string, secret: true }\n  b: { type: string, x-when: { a: { const: y } } }', 'nothing can depend'],
  ['  a: { type: string, x-when: {} }', 'names the params'],
  ['  a: { type: string }\n  b: { type: string, x-when: { a: { not: y } } }', 'const'],
])('refuses a condition that cannot be: %s', (params, why) => {
  const parsed = parseManifest(text(params), 'a.yaml');
  expect('problems' in parsed && parsed.problems.map(({ message }) => message).join(' ')).toContain(why);
});
