import { type Marks, requireMark } from './marks.ts';
import { quoteForLoginShell, shellQuote } from './quote.ts';
import type { RenderedScript } from './render.ts';
import { runtime } from './runtime.ts';

export type WrapOptions = {
  marks: Marks;
  timeoutMs: number;
  /** How long a body may take to end after TERM, before KILL. */
  graceMs?: number;
  /** Names the record left in $HOME/.omanager/run (letters, digits, `.`, `_`, `-`), unique per execution and host; none = no record. */
  record?: string;
  /**
   * Keep the end of the output beside the record ({@link tailBytes}), and let the body go on when the channel dies: a relay then
   * stands between the two. The wrapper then waits at the end for `control.done`, or for the end of its input. Costs the host seven processes.
   */
  keepTail?: boolean;
  /** Nobody is left for a body that follows when the channel dies: it is ended (TERM, then KILL). */
  endsWithChannel?: boolean;
  /** The command is started by sudo, so the process group may be led by sudo. */
  sudo?: boolean;
  /** Absolute path of a folder with uploaded files, removed when the body has ended. */
  filesFolder?: string;
};

/** The shell that interprets the body: the words that may stand in its place on the command line. */
export const shells = ['sh', 'bash', 'dash', 'ksh', 'zsh', 'busybox sh'] as const;
export type Shell = (typeof shells)[number];

const encoder = new TextEncoder();

/** The bytes to write to the channel: variables, runtime and body, in a frame of two words. Its length belongs into the command ({@link wrapperCommand}). */
export function wrapScript(script: RenderedScript, options: WrapOptions): Uint8Array {
  const { marks } = options;
  const variables = {
    om_nonce: requireMark(marks.nonce),
    om_record: recordName(options.record),
    om_timeout: seconds(options.timeoutMs),
    om_grace: seconds(options.graceMs ?? 5000),
    om_hangup: options.endsWithChannel ? '1' : '',
    om_sudo: options.sudo ? '1' : '',
    om_files: filesFolder(options.filesFolder),
    om_wantdir: script.needsFolder ? '1' : '',
    om_body: script.body,
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  const frame = requireMark(marks.frame);
  return encoder.encode(
    `om_frame=${frame}\nset +a\nOM_MARK=${requireMark(marks.mark)}\nexport OM_MARK\n${script.prologue}${assignments.join('')}${options.keepTail ? runtime.relayed : runtime.direct}: ${frame}`,
  );
}

export type CommandInput = {
  /** Length of the wrapped script in bytes. */
  bytes: number;
  marks: Marks;
  shell?: Shell;
  /** Print the ready mark first; the script is sent only after it was seen. */
  awaitReady?: boolean;
};

/**
 * The line given to SSH `exec`. It reads exactly the script's bytes and runs them only if they arrived whole (else exit code 97): the frame's
 * word at the end says that nothing was cut off, the one at the beginning that no profile has eaten a part.
 * Read the same by POSIX shells, fish and csh as login shell; holds no parameter, no secret and no body.
 */
export function wrapperCommand(input: CommandInput): string {
  return `exec ${shellOf(input)} -c ${quoteForLoginShell(bootstrap(input))}`;
}

export type SudoInput = CommandInput & {
  /** A user name; root if none. */
  user?: string;
};

/** The same line through sudo, which asks for the password with the prompt mark, always waits for the ready mark, and never uses or leaves a cached ticket. */
export function sudoCommand(input: SudoInput): string {
  const user = input.user ?? 'root';
  if (!isUserName(user)) throw new Error(`${user} is not a user name`);
  const inner = quoteForLoginShell(bootstrap({ ...input, awaitReady: true }));
  return `exec sudo -k -S -H -p ${requireMark(input.marks.prompt)} -u ${user} -- ${shellOf(input)} -c ${inner}`;
}

export function isUserName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(name);
}

/** Lines for the control line: the channel's stdin, kept open after the script. */
export const control = {
  /** Asks the whole process group to end. The host kills it after the grace time, whatever becomes of the channel. */
  term: (graceMs: number): Uint8Array => encoder.encode(`GRACE${Math.max(1, Math.ceil(graceMs / 1000))}\nTERM\n`),
  /** Ends the whole process group. */
  kill: encoder.encode('KILL\n'),
  /** Answers the end of a script whose tail is kept: the result is stored, and the record may go. */
  done: encoder.encode('DONE\n'),
  /** Starts the host's own timer. Send it once a body has run for a few seconds; when the channel ends, the host starts it by itself. */
  timer: encoder.encode('TIMER\n'),
} as const;

/** Exit codes of the wrapper itself. Only {@link createConversation} can tell them from the body's own. */
export const wrapperExit = { incomplete: 97, noFolder: 96 } as const;

function bootstrap({ bytes, marks, awaitReady }: CommandInput): string {
  if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new Error('bytes must be the length of the wrapped script');
  const frame = requireMark(marks.frame);
  const ready = awaitReady ? `echo ${requireMark(marks.ready)}; ` : '';
  return `${ready}om_s=$(head -c ${bytes}); case $om_s in om_frame=${frame}*${frame}) eval "$om_s";; *) echo "omanager: the script did not arrive whole, nothing was run" >&2; exit 97;; esac`;
}

function shellOf(input: CommandInput): Shell {
  return input.shell ?? 'sh';
}

function recordName(record: string | undefined): string {
  if (record !== undefined && !isRecordName(record))
    throw new Error('a record name is 1 to 120 letters, digits, dots, dashes and underscores');
  return record ?? '';
}

export function isRecordName(record: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,119}$/.test(record);
}

function filesFolder(path: string | undefined): string {
  if (path !== undefined && !/^\/[^/\0]+\/[^\0]*[^/\0]$/.test(path))
    throw new Error('the files folder must be an absolute path below another folder');
  return path ?? '';
}

function seconds(ms: number): string {
  if (!Number.isFinite(ms) || ms <= 0) throw new Error('a duration must be positive');
  return String(Math.ceil(ms / 1000));
}
