import type { ReadStream } from 'node:tty';
import { CliError } from '../errors.ts';
import type { OutputStream } from './output.ts';

/** Asks the person at the terminal. Without one, every question fails and says what to pass instead. */
export interface Prompt {
  readonly interactive: boolean;
  /**
   * `instead`: what a script passes, for example `--password-file`. `withdraw` takes the question back: it rejects with
   * the signal's reason.
   */
  ask(question: string, instead: string, withdraw?: AbortSignal): Promise<string>;
  /** The same without showing what is typed. */
  askHidden(question: string, instead: string): Promise<string>;
  /** y/N; true without asking when `yes`. */
  confirm(question: string, yes: boolean): Promise<boolean>;
}

export interface PromptOptions {
  stdin: NodeJS.ReadStream;
  /** Questions go to stderr, so that stdout stays clean. */
  stderr: OutputStream;
  signal: AbortSignal;
  onInterrupt: () => void;
}

export function createPrompt({ stdin, stderr, signal, onInterrupt }: PromptOptions): Prompt {
  const interactive = stdin.isTTY === true && stderr.isTTY === true;

  async function read(question: string, instead: string, echo: boolean, withdraw?: AbortSignal): Promise<string> {
    if (!interactive)
      throw new CliError(`There is no terminal to ask on (${question.replace(/[\s:?]+$/, '')}): pass ${instead}.`);
    stderr.write(question);
    try {
      return await readLine(stdin, {
        echo: echo ? (text) => stderr.write(text) : () => {},
        signal: withdraw ? AbortSignal.any([signal, withdraw]) : signal,
        onInterrupt,
      });
    } finally {
      stderr.write('\n');
    }
  }

  return {
    interactive,
    ask: (question, instead, withdraw) => read(question, instead, true, withdraw),
    askHidden: (question, instead) => read(question, instead, false),
    async confirm(question, yes) {
      if (yes) return true;
      return /^y(es)?$/i.test((await read(`${question} [y/N] `, '--yes', true)).trim());
    },
  };
}

interface ReadLineOptions {
  echo: (text: string) => void;
  signal: AbortSignal;
  onInterrupt: () => void;
}

/** One line in raw mode: the terminal itself echoes nothing, also not what is typed ahead. */
function readLine(stdin: ReadStream, { echo, signal, onInterrupt }: ReadLineOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = [];
    const wasRaw = stdin.isRaw;
    const done = (settle: () => void): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      signal.removeEventListener('abort', onAbort);
      stdin.setRawMode(wasRaw);
      stdin.pause();
      settle();
    };
    const onAbort = (): void => done(() => reject(signal.reason));
    const onEnd = (): void => done(() => reject(new CliError('The input ended before an answer came.')));
    const onData = (data: Buffer | string): void => {
      for (const char of withoutKeys(data.toString())) {
        if (char === '\r' || char === '\n') return done(() => resolve(typed.join('')));
        if (char === '\x03') return onInterrupt();
        if (char === '\x04') return onEnd();
        if (char === '\x7f' || char === '\b') {
          if (typed.pop() !== undefined) echo('\b \b');
        } else if (char === '\x15') {
          for (const _ of typed.splice(0)) echo('\b \b');
        } else if (char >= ' ') {
          typed.push(char);
          echo(char);
        }
      }
    };
    if (signal.aborted) return reject(signal.reason);
    stdin.setRawMode(true);
    stdin.setEncoding('utf8');
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    signal.addEventListener('abort', onAbort);
    stdin.resume();
  });
}

/** Arrows and the like send several characters, of which only the first is a control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what a terminal sends.
const withoutKeys = (text: string): string => text.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?/g, '');
