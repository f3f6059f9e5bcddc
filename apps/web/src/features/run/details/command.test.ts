import { expect, it } from 'vitest';
import { commandOf } from './command.ts';

it('is a command whose words the shell cannot take for anything else', () => {
  const module = {
    id: 'adhoc.command',
    version: '1.0.0',
    digest: 'd',
    title: { en: '', zh: '' },
    risk: 'read',
  } as const;
  expect(
    commandOf({ module, selector: 'group:web & !label:x', params: { command: "echo 'a'; $(id)", lines: 5 } }),
  ).toBe(`om run adhoc.command@1.0.0 -t 'group:web & !label:x' -p 'command=echo '\\''a'\\''; $(id)' -p lines=5`);
});
