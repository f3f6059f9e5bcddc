import type { Cli } from '../cli.ts';
import type { ExitCode } from '../errors.ts';
import { createOutput } from '../io/output.ts';
import { createPrompt, type Prompt } from '../io/prompt.ts';
import { createProfileStore } from '../profiles.ts';
import { tempFolder } from './tempFolder.ts';

/** What a command said, collected. */
export function createSink(isTTY = false) {
  let text = '';
  return {
    isTTY,
    columns: 80,
    write: (part: string): boolean => {
      text += part;
      return true;
    },
    once: () => {},
    get text() {
      return text;
    },
  };
}

/** A Cli for unit tests: nothing reaches a terminal, questions get the answers given. */
export function fakeCli(options: { json?: boolean; tty?: boolean; answers?: string[]; signal?: AbortSignal } = {}) {
  const { json = false, tty = false, answers, signal = new AbortController().signal } = options;
  const stdout = createSink(tty);
  const stderr = createSink(tty);
  const answer = async (): Promise<string> => answers?.shift() ?? '';
  const asked: Prompt = { interactive: true, ask: answer, askHidden: answer, confirm: async (_, yes) => yes };
  const { stdin } = process;
  let exitCode: ExitCode = 0;
  const cli: Cli = {
    out: createOutput({ stdout, stderr, json, raw: false, env: { NO_COLOR: '1' } }),
    prompt: answers ? asked : createPrompt({ stdin, stderr: createSink(), signal, onInterrupt: () => {} }),
    profiles: createProfileStore(tempFolder()),
    profileName: null,
    lang: 'en',
    stdin,
    signal,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  return { cli, stdout, stderr, exitCode: () => exitCode };
}
