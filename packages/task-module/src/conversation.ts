import type { Marks } from './marks.ts';
import { concat, createStatusScanner, indexOf, type WrapperEvent } from './statusLines.ts';
import { wrapperExit } from './wrap.ts';

export type ConversationInput = {
  marks: Marks;
  /** The wrapped script. */
  script: Uint8Array;
  /** How the command was made: `at_once` has no ready mark, `ready` waits for it, `sudo` waits for prompt and ready mark. */
  mode: 'at_once' | 'ready' | 'sudo';
  /** The sudo password, where there is one. */
  password?: string;
  /** The tail is kept: the wrapper says at its end that both streams are over, and waits. */
  keepTail?: boolean;
};

export type ConversationFailure =
  | 'sudo_missing'
  | 'sudo_password_needed'
  | 'sudo_password_wrong'
  | 'sudo_tty_required'
  | 'sudo_refused'
  | 'not_ready'
  | 'script_incomplete'
  | 'no_folder';

export type Step = {
  /** Write these to the channel's stdin, in order. */
  write: Uint8Array[];
  /** End the channel's stdin: the far side must give up. */
  endInput: boolean;
  /** Output of the body, for the user. */
  stdout: Uint8Array;
  stderr: Uint8Array;
  events: WrapperEvent[];
  /** All output has arrived, and this is the exit code; the wrapper waits for `control.done`. */
  over?: { exitCode: number };
  /** The body did not and will not run. */
  failed?: { code: ConversationFailure; message: string };
};

/** What a login shell or sudo may say before the ready mark; more is dropped. */
const noiseLimit = 4096;
const encoder = new TextEncoder();
const empty = new Uint8Array();

/**
 * The talk with one wrapper, as a pure state machine: the engine feeds what arrives and does what a step says.
 *
 *     at_once:  start → script → running
 *     ready:    start → (ready mark) → script → running
 *     sudo:     start → (ready mark: no password was asked) → script → running
 *                     → (prompt) → password → (ready mark) → script → running
 *                                           → (prompt again) → end of input → failed
 *
 * The script leaves only in the step that has seen the ready mark, the password only in the step that has seen the prompt, each once.
 */
export function createConversation(input: ConversationInput) {
  const ready = encoder.encode(`${input.marks.ready}\n`);
  const prompt = encoder.encode(input.marks.prompt);
  const status = createStatusScanner(input.marks.nonce);
  const outStatus = input.keepTail ? createStatusScanner(input.marks.nonce) : undefined;
  const ends: { stdout?: true; exitCode?: number | undefined } = {};
  let state: 'waiting' | 'asked' | 'running' | 'failed' = input.mode === 'at_once' ? 'running' : 'waiting';
  let noiseOut = empty;
  let noiseErr = empty;
  let started = false;
  let failure: Step['failed'];

  function step(part: Partial<Step> = {}): Step {
    return { write: [], endInput: false, stdout: empty, stderr: empty, events: [], ...part };
  }

  function fail(code: ConversationFailure, message: string): Step {
    state = 'failed';
    failure = { code, message };
    return step({ endInput: true, failed: failure });
  }

  function start(): Step {
    return step({ write: state === 'running' ? [input.script] : [] });
  }

  function runningOut(chunk: Uint8Array): Step {
    if (!outStatus) return step({ stdout: chunk });
    const { rest, events } = outStatus.push(chunk);
    if (events.some(({ kind }) => kind === 'end')) ends.stdout = true;
    return step({ stdout: rest, ...whenOver() });
  }

  function whenOver(): Pick<Step, 'over'> {
    return ends.stdout && ends.exitCode !== undefined ? { over: { exitCode: ends.exitCode } } : {};
  }

  function onStdout(chunk: Uint8Array): Step {
    if (state === 'running') return runningOut(chunk);
    if (state === 'failed') return step();
    const bytes = concat([noiseOut, chunk]);
    const at = indexOf(bytes, ready);
    if (at < 0) {
      noiseOut = bytes.slice(-noiseLimit);
      return step();
    }
    state = 'running';
    return { ...runningOut(bytes.slice(at + ready.length)), write: [input.script] };
  }

  function onStderr(chunk: Uint8Array): Step {
    if (state === 'failed') return step();
    if (state === 'running') {
      const { rest, events } = status.push(chunk);
      for (const event of events) {
        if (event.kind === 'start') started = true;
        if (event.kind === 'end') ends.exitCode = event.exitCode;
      }
      return step({ stderr: rest, events, ...whenOver() });
    }
    noiseErr = concat([noiseErr, chunk]).slice(-noiseLimit);
    if (input.mode !== 'sudo') return step();
    const at = indexOf(noiseErr, prompt);
    if (at < 0) return step();
    noiseErr = noiseErr.slice(at + prompt.length);
    if (input.password === undefined)
      return fail(
        'sudo_password_needed',
        'sudo asks for a password and the credential has none: add one, or allow NOPASSWD',
      );
    if (state === 'asked') return fail('sudo_password_wrong', 'sudo did not accept the password of the credential');
    state = 'asked';
    return step({ write: [encoder.encode(`${input.password}\n`)] });
  }

  /** The channel has closed. Says why the body never ran, where that is so; else gives what was still held back. */
  function onClose(exitCode: number | undefined): Step {
    if (state === 'failed') return step(failure ? { failed: failure } : {});
    if (state === 'running') {
      const rest = { stdout: outStatus?.flush() ?? empty, stderr: status.flush() };
      if (started) return step(rest);
      return step({ ...rest, ...neverStarted(exitCode) });
    }
    const said = new TextDecoder().decode(concat([noiseErr, noiseOut]));
    return step({ failed: whyNotReady(input.mode, exitCode, said) });
  }

  return { start, onStdout, onStderr, onClose };
}

export type Conversation = ReturnType<typeof createConversation>;

function neverStarted(exitCode: number | undefined): Pick<Step, 'failed'> {
  if (exitCode === wrapperExit.incomplete)
    return { failed: { code: 'script_incomplete', message: 'the script did not arrive whole, so nothing was run' } };
  if (exitCode === wrapperExit.noFolder)
    return {
      failed: { code: 'no_folder', message: 'the host could not make a private temporary folder, so nothing was run' },
    };
  return { failed: { code: 'not_ready', message: 'the host closed the channel before the script started' } };
}

function whyNotReady(
  mode: ConversationInput['mode'],
  exitCode: number | undefined,
  said: string,
): NonNullable<Step['failed']> {
  const words = said.trim().slice(-400);
  const because = words === '' ? '' : `: ${words}`;
  if (mode === 'sudo') {
    if (exitCode === 127) return { code: 'sudo_missing', message: `sudo was not found on the host${because}` };
    if (/tty/i.test(words))
      return {
        code: 'sudo_tty_required',
        message: 'sudo on this host requires a terminal: remove requiretty for this user',
      };
    if (/incorrect password/i.test(words))
      return { code: 'sudo_password_wrong', message: 'sudo did not accept the password of the credential' };
    return { code: 'sudo_refused', message: `sudo refused to run the module${because}` };
  }
  return { code: 'not_ready', message: `the login shell of the host did not start the wrapper${because}` };
}
