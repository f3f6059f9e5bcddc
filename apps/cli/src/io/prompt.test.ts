import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createSink } from '../testing/fakeCli.ts';
import { createPrompt } from './prompt.ts';

it.each([
  ['plain', 'hunter22\r', 'hunter22'],
  ['backspace', 'ab\x7fc\r', 'ac'],
  ['Ctrl-U starts over', 'wrong\x15right\r', 'right'],
  ['arrows and other keys type nothing', '\x1b[Da\x1b[3~b\x1bOPc\x1b[1;5Cd\r', 'abcd'],
])('reads a line: %s', async (_, typed, expected) => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, isRaw: false, setRawMode: () => {} });
  // A terminal as far as the prompt uses it.
  const stdin = terminal as unknown as NodeJS.ReadStream;
  const prompt = createPrompt({
    stdin,
    stderr: createSink(true),
    signal: new AbortController().signal,
    onInterrupt: () => {},
  });
  const answer = prompt.askHidden('Password: ', '--password-file');
  terminal.write(typed);
  expect(await answer).toBe(expected);
});
