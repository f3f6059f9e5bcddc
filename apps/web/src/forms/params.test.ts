import { expect, it } from 'vitest';
import { defaultsOf, fieldsOf, missingOf, problemsOf, splitValues, withoutSecrets } from './params.ts';

const schema = {
  type: 'object',
  properties: {
    lines: { type: 'integer', default: 10, minimum: 1 },
    token: { type: 'string', secret: true },
    file: { type: 'string', format: 'file' },
    words: { type: 'array', items: { type: 'string' } },
  },
  required: ['token', 'words'],
};
const fields = fieldsOf(schema) ?? [];
const file = { name: 'a.txt', data: 'YQ==', size: 1 };

it('reads a form, its defaults and what is missing', () => {
  expect(fields.map(({ name, required }) => [name, required])).toEqual([
    ['lines', false],
    ['token', true],
    ['file', false],
    ['words', true],
  ]);
  expect(defaultsOf(fields)).toEqual({ lines: 10 });
  expect(missingOf(fields, { token: '', words: [] })).toEqual(['token', 'words']);
  expect(missingOf(fields, { token: 'x', words: ['y'] })).toEqual([]);
  expect(fieldsOf({ properties: { x: { type: 'object' } } })).toBeNull();
});

it('hands files over apart, leaves empty fields out, and keeps neither secret nor file', () => {
  const values = { lines: 0, token: 'secret', file, words: [] };
  expect(splitValues(fields, { words: ['a', ''] }).params).toEqual({ words: ['a'] });
  expect(splitValues(fields, values)).toEqual({
    params: { lines: 0, token: 'secret' },
    files: { file: { name: 'a.txt', data: 'YQ==' } },
  });
  expect(withoutSecrets(fields, values)).toEqual({ lines: 0, words: [] });
});

it('finds the words of the server for each field', () => {
  const details = {
    problems: [
      { path: 'params.lines', message: 'too small', zh: '太小' },
      { path: 'x', message: 'y' },
    ],
  };
  expect(problemsOf(details, 'zh')).toEqual({ lines: '太小' });
  expect(problemsOf(details, 'en')).toEqual({ lines: 'too small' });
  expect(problemsOf(undefined, 'en')).toEqual({});
});
