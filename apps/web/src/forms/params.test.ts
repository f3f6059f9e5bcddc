import { expect, it } from 'vitest';
import {
  askedFields,
  defaultsOf,
  fieldsOf,
  missingOf,
  problemsOf,
  splitValues,
  valuesOfRun,
  withoutSecrets,
} from './params.ts';

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

it('asks only for what belongs to what is chosen, and sends nothing else', () => {
  const form = fieldsOf({
    properties: {
      from: { type: 'string', enum: ['file', 'url'], default: 'file' },
      url: { type: 'string', 'x-when': { from: { const: 'url' } } },
    },
    required: ['url'],
  });
  const asked = (values: object) => askedFields(form ?? [], { ...values }).map(({ name }) => name);
  expect(asked({ from: 'file' })).toEqual(['from']);
  expect(asked({ from: 'url' })).toEqual(['from', 'url']);
  expect(missingOf(form ?? [], { from: 'file' })).toEqual([]);
  expect(missingOf(form ?? [], { from: 'url' })).toEqual(['url']);
  expect(splitValues(form ?? [], { from: 'file', url: 'left over' }).params).toEqual({ from: 'file' });
});

it('takes off for a value, and empty for a choice against the default', () => {
  const form = fieldsOf({
    properties: {
      go: { type: 'boolean' },
      note: { type: 'string', default: 'x' },
      lines: { type: 'array', default: ['x'] },
    },
    required: ['go'],
  });
  const fresh = defaultsOf(form ?? []);
  expect(fresh).toEqual({ go: false, note: 'x', lines: ['x'] });
  expect(missingOf(form ?? [], fresh)).toEqual([]);
  expect(splitValues(form ?? [], { ...fresh, note: '', lines: [] }).params).toEqual({ go: false, note: '', lines: [] });
  expect(splitValues(form ?? [], {}).params).toEqual({});
});

it('takes over what a run was given, but no secret', () => {
  const values = { token: 'typed', lines: 3 };
  const ofRun = { lines: 7, token: '••••', file: { name: 'a', bytes: 1 }, words: ['a'], gone: 'x' };
  expect(valuesOfRun(fields, ofRun, values)).toEqual({ lines: 7, token: 'typed', words: ['a'] });
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
