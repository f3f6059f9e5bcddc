import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fieldsOf } from '../../forms/params.ts';
import { fillOf, linkFor, readLink } from './link.ts';

const fields =
  fieldsOf({
    properties: {
      lines: { type: 'integer', default: 10 },
      token: { type: 'string', secret: true },
      file: { type: 'string', format: 'file' },
    },
  }) ?? [];
const read = (query: string) => readLink(new URLSearchParams(query));

it('reads what an address fills in, and says what of it makes no sense', () => {
  expect(read('from=link')).toBeNull();
  expect(read('module=1003&hosts=web-[01-03]')).toEqual({
    ...{ module: '1003', selector: 'web-[01-03]', params: {}, problems: [] },
  });
  expect(read('module=a.b&params={"lines":3}')?.params).toEqual({ lines: 3 });
  expect(read('params={"lines":{}}')?.problems).toEqual([{ what: 'params', given: '{"lines":{}}' }]);
  expect(read('params=no')?.problems).toMatchObject([{ what: 'params' }]);
  expect(read('targets=%26%26&module=a.b')).toMatchObject({
    module: 'a.b',
    selector: null,
    problems: [{ what: 'selector' }],
  });
});

it('fills in only what the form has, and no secret', () => {
  expect(fillOf(fields, { lines: 3, token: 'x', file: 'y', other: 1 })).toEqual({
    values: { lines: 3 },
    problems: [
      { what: 'secret', given: 'token' },
      { what: 'secret', given: 'file' },
      { what: 'param', given: 'other' },
    ],
  });
});

it('makes an address that fills in the same, without secrets', () => {
  const values = { lines: 3, token: 'hush', file: { name: 'a', data: 'YQ==', size: 1 } };
  expect(linkFor('omanager://bastion:4510', { module: 'a.b', selector: 'x', fields, values })).toBe(
    'omanager://bastion:4510/compose?module=a.b&hosts=x&params=%7B%22lines%22%3A3%7D',
  );
  const address = linkFor('https://om', { module: 'a.b', selector: 'web-1 & !x', fields, values });
  expect(address).not.toContain('hush');
  expect(readLink(new URL(address).searchParams)).toEqual({
    ...{ module: 'a.b', selector: 'web-1 & !x', params: { lines: 3 }, problems: [] },
  });
});

it('answers something to whatever an address holds', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (targets, params) => {
      expect(() => readLink(new URLSearchParams({ targets, params }))).not.toThrow();
    }),
  );
});
