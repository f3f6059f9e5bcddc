import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fakeCli } from '../testing/fakeCli.ts';
import { tempFolder } from '../testing/tempFolder.ts';
import { buildParams } from './params.ts';
import { paramRows } from './paramTable.ts';

const schema = {
  type: 'object',
  properties: {
    lines: { type: 'integer' },
    force: { type: 'boolean' },
    names: { type: 'array', items: { type: 'string' } },
    ports: { type: 'array', items: { type: 'integer' } },
    text: { type: 'string' },
    token: { type: 'string', secret: true },
    upload: { type: 'string', format: 'file' },
  },
  required: ['token'],
};

it('gives every value the type of its field, and asks for a secret that is missing', async () => {
  const { cli } = fakeCli({ answers: ['s3cret'] });
  const values = { lines: '50', force: 'yes', names: 'a,b', ports: '[1,2]', text: '50' };
  const built = await buildParams(cli, schema, { values, files: {} });
  expect(built).toEqual({
    params: { lines: 50, force: true, names: ['a', 'b'], ports: [1, 2], text: '50', token: 's3cret' },
    files: {},
  });
});

it('asks for a secret only where the form does', async () => {
  const onlyThen = { type: 'string', secret: true, 'x-when': { kind: { const: 'key' } } };
  const form = { properties: { kind: { type: 'string', default: 'none' }, key: onlyThen }, required: ['key'] };
  expect((await buildParams(fakeCli().cli, form, { values: {}, files: {} })).params).toEqual({});
  const { cli } = fakeCli({ answers: ['s3cret'] });
  const built = await buildParams(cli, form, { values: { kind: 'key' }, files: {} });
  expect(built.params).toEqual({ kind: 'key', key: 's3cret' });
  expect(paramRows('en', form)[1]?.[3]).toBe('required, secret, if kind is key');
});

it('leaves what does not fit for the server to refuse', async () => {
  const { cli } = fakeCli({ answers: [''] });
  const { params } = await buildParams(cli, schema, { values: { lines: 'many', force: '?' }, files: {} });
  expect(params).toMatchObject({ lines: 'many', force: '?' });
});

it('reads texts, secrets and files from files', async () => {
  const { cli } = fakeCli();
  const path = join(tempFolder(), 'file.txt');
  writeFileSync(path, 'long text\n');
  const built = await buildParams(cli, schema, { values: {}, files: { text: path, token: path, upload: path } });
  expect(built).toEqual({
    params: { text: 'long text\n', token: 'long text' },
    files: { upload: { name: 'file.txt', data: Buffer.from('long text\n').toString('base64') } },
  });
});

it.each([
  ['a secret on the command line', { values: { token: 'x' }, files: {} }, 'visible to every user'],
  ['a name the form does not have', { values: { line: '1' }, files: {} }, 'no parameter line; it has lines, force'],
  ['a field of every object', { values: { constructor: '1' }, files: {} }, 'no parameter constructor'],
  ['a file as text', { values: { upload: 'x' }, files: {} }, '-f upload=FILE'],
  ['a file that is not there', { values: {}, files: { text: '/no/such' } }, 'there is no such file'],
  ['a value and a file for one name', { values: { text: 'x' }, files: { text: '-' } }, 'text is given twice'],
  ['a missing secret without a terminal', { values: {}, files: {} }, 'no terminal to ask on'],
])('refuses %s', async (_, given, why) => {
  const { cli } = fakeCli();
  await expect(buildParams(cli, schema, given)).rejects.toThrow(why);
});
