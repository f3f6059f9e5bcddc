import { readFileSync } from 'node:fs';
import { loadBuiltin } from '@omanager/builtin-modules';
import { parseManifest } from '@omanager/task-module';
import { expect, it } from 'vitest';

const manual = readFileSync(new URL('../../docs/modules.md', import.meta.url), 'utf8');

it('the manual lists exactly the modules that ship, with number and risk', async () => {
  const shipped = (await loadBuiltin()).map(({ file, text }) => {
    const parsed = parseManifest(text, file);
    if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    const { id, legacyId, risk } = parsed.manifest;
    expect(file).toBe(`${id}.yaml`);
    return `${id}${legacyId ? ` (${legacyId})` : ''} ${risk}`;
  });
  const listed = [...manual.matchAll(/^\| `([a-z.-]+)`( \(\d+\))? \| .* \| (\w+) \|$/gm)].map(
    ([, id, number = '', risk]) => `${id}${number} ${risk}`,
  );
  expect(listed.sort()).toEqual(shipped.sort());
});

it('every example of a whole module in the manual is right, and the first is at most ten lines', () => {
  const examples = [...manual.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  expect(examples.length).toBeGreaterThan(4);
  for (const text of examples) {
    const whole = text.startsWith('id:') ? text : `id: a.b\ntitle: x\n${text}`;
    const complete = /^(shell|script|copy|fetch):/m.test(whole) ? whole : `${whole}shell: echo\n`;
    expect(parseManifest(complete, 'manual')).not.toHaveProperty('problems');
  }
  expect(examples[0]?.trim().split('\n').length).toBeLessThanOrEqual(10);
});
