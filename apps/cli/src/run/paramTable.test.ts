import { expect, it } from 'vitest';
import { paramRows } from './paramTable.ts';

it('shows what a form allows', () => {
  const properties = {
    lines: { type: 'integer', minimum: 1, maximum: 5000, default: 50, title: { en: 'Lines', zh: '行数' } },
    level: { type: 'string', enum: ['info', 'warn'] },
    note: { type: 'string', maxLength: 10, pattern: '^a' },
    names: { type: 'array', items: { type: 'string', pattern: '^b' }, minItems: 1 },
    upload: { type: 'string', format: 'file', maxLength: 1024 },
    token: { type: 'string', secret: true, title: 'Token' },
  };
  expect(paramRows('zh', { type: 'object', properties, required: ['token', 'upload'] })).toEqual([
    ['lines', 'integer', '1 to 5000', '', '50', '行数'],
    ['level', 'string', 'info | warn', '', '', ''],
    ['note', 'string', 'at most 10 characters, matches ^a', '', '', ''],
    ['names', 'array', 'at least 1 items, each matches ^b', '', '', ''],
    ['upload', 'file', 'at most 1024 bytes', 'required', '', ''],
    ['token', 'string', '', 'required, secret', '', 'Token'],
  ]);
});
