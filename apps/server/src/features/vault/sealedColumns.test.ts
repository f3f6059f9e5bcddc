import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sealedColumns } from './sealedColumns.ts';

it('knows every kind of sealed value that the server writes', () => {
  const source = join(import.meta.dirname, '../..');
  const written = new Set<string>();
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts') || name.endsWith('sealedColumns.ts')) continue;
    const text = readFileSync(join(source, name), 'utf8');
    if (!text.includes('ealer')) continue;
    // A context is written as `kind|${id}…`.
    for (const [, kind] of text.matchAll(/(?<!name: )`([a-z]+)\|\$\{(?:id|userId|caller|planId|recordingId)\}/g))
      written.add(kind ?? '');
  }
  const row = { id: '', host_id: '', kind: '', version: 0, caller: '', call_id: '' };
  const known = new Set(sealedColumns.map(({ context }) => context(row).split('|')[0]));
  expect(written.size).toBeGreaterThanOrEqual(4);
  expect([...written].sort()).toEqual([...known].sort());
});
