import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { buildWeb } from '../lab/browser.ts';

const dist = fileURLToPath(new URL('../../apps/web/dist/', import.meta.url));
/** UX: what the Run screen loads before it can be used, as gzip. */
const mostBytes = 350 * 1024;

beforeAll(() => buildWeb());

const text = (file: string): string => readFileSync(`${dist}assets/${file}`, 'utf8');
const importsOf = (file: string): string[] =>
  [...text(file).matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)].map(([, name = '']) => name);

it('loads no more scripts for the Run screen than its budget', () => {
  const screen = readdirSync(`${dist}assets`).filter((file) => /^composer-[\w-]+\.js$/.test(file));
  const entry = [...readFileSync(`${dist}index.html`, 'utf8').matchAll(/assets\/([\w.-]+\.js)/g)].map(
    ([, name = '']) => name,
  );
  expect([screen.length, entry.length > 0]).toEqual([1, true]);
  const loaded = new Set([...entry, ...screen]);
  // A set goes on over what is added to it meanwhile.
  for (const file of loaded) for (const next of importsOf(file)) loaded.add(next);
  const sizes = [...loaded].map((file) => ({ file, bytes: gzipSync(text(file)).length }));
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 12);
  const sum = sizes.reduce((all, { bytes }) => all + bytes, 0);
  expect(sum, `${sum} bytes; the largest: ${JSON.stringify(largest)}`).toBeLessThanOrEqual(mostBytes);
});
