import type { Lease, RemoteProcess } from '@omanager/ssh-fleet';
import {
  type ConversationFailure,
  control,
  createConversation,
  createMarks,
  parseSurvivors,
  type RenderedScript,
  type Shell,
  type Step,
  sudoCommand,
  survivorsScript,
  wrapperCommand,
  wrapScript,
} from '@omanager/task-module';

export interface ExecuteOptions {
  lease: Lease;
  script: RenderedScript;
  shell?: Shell | undefined;
  /** Run as this user through sudo; null is the login itself. */
  runAs: string | null;
  sudoPassword: string | undefined;
  /** The script carries a secret: it leaves only after the far side has answered. */
  secret: boolean;
  timeoutMs: number;
  /** Names the record that the wrapper leaves on the host. */
  record: string;
  /** A folder with uploaded files that the wrapper removes. */
  filesFolder?: string | undefined;
  aborted: AbortSignal;
  onOutput(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> | void;
}

export type Executed =
  | { end: 'exited'; code: number | null }
  | { end: 'timed_out' | 'aborted'; code: number | null; survivors: number[] }
  | { end: 'refused'; failure: ConversationFailure; message: string };

/** TERM, then this long, then KILL. */
export const graceMs = 5000;
/** The host starts its own timer once a body has run this long: most never do, and a timer costs the host two processes. */
const timerAfterMs = 2000;
/** How long the channel may stay open after the body has gone: a daemon may hold its output. */
const drainMs = 1000;

/** Runs one wrapped script on one host and talks with the wrapper until all of it is over. Throws SshError when the connection dies. */
export async function execute(options: ExecuteOptions): Promise<Executed> {
  const { lease, runAs, shell, timeoutMs, aborted } = options;
  const sudo = runAs !== null;
  const marks = createMarks();
  const script = wrapScript(options.script, {
    marks,
    timeoutMs,
    graceMs,
    record: options.record,
    sudo,
    ...(options.filesFolder === undefined ? {} : { filesFolder: options.filesFolder }),
  });
  const awaitReady = options.secret;
  const input = { bytes: script.length, marks, awaitReady, ...(shell === undefined ? {} : { shell }) };
  const command = sudo ? sudoCommand({ ...input, user: runAs }) : wrapperCommand(input);
  const conversation = createConversation({
    marks,
    script,
    mode: sudo ? 'sudo' : awaitReady ? 'ready' : 'at_once',
    ...(options.sudoPassword === undefined ? {} : { password: options.sudoPassword }),
  });

  let process: RemoteProcess | undefined;
  let queued: Uint8Array[] = [];
  let timedOut = false;
  let asked = false;
  let failure: Step['failed'];
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, act: () => void) => timers.add(setTimeout(act, ms));

  function send(bytes: Uint8Array): void {
    if (process) process.stdin.write(bytes).catch(() => {});
    else queued.push(bytes);
  }

  function take(step: Step): Promise<void> | void {
    for (const bytes of step.write) send(bytes);
    if (step.endInput) process?.stdin.end();
    failure ??= step.failed;
    for (const event of step.events) if (event.kind === 'timeout') timedOut = true;
    const out = step.stdout.length > 0 ? options.onOutput('stdout', step.stdout) : undefined;
    const err = step.stderr.length > 0 ? options.onOutput('stderr', step.stderr) : undefined;
    return out && err ? Promise.all([out, err]).then(() => {}) : (out ?? err);
  }

  /** Asks the whole process group to end, insists after the grace time, and gives up on the channel a little later. */
  function end(): void {
    if (asked) return;
    asked = true;
    send(control.term);
    after(graceMs, () => send(control.kill));
    after(graceMs + drainMs, () => process?.kill());
  }

  const onAbort = () => end();
  aborted.addEventListener('abort', onAbort);
  try {
    process = await lease.exec(command, {
      onData: (stream, chunk) =>
        take(stream === 'stdout' ? conversation.onStdout(chunk) : conversation.onStderr(chunk)),
    });
    take(conversation.start());
    for (const bytes of queued.splice(0)) send(bytes);
    if (aborted.aborted) end();
    if (timeoutMs > timerAfterMs) after(timerAfterMs, () => send(control.timer));
    after(timeoutMs, () => {
      timedOut = true;
      end();
    });
    const { code } = await settle(process);
    await take(conversation.onClose(code ?? undefined));
    if (failure) return { end: 'refused', failure: failure.code, message: failure.message };
    if (!asked && !timedOut) return { end: 'exited', code };
    const survivors = await findSurvivors(lease, options, marks.mark);
    return { end: aborted.aborted ? 'aborted' : 'timed_out', code, survivors };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    aborted.removeEventListener('abort', onAbort);
    queued = [];
  }
}

/** The wrapper's exit is the end; a child that left its group may hold the output open for ever. */
async function settle(process: RemoteProcess): Promise<{ code: number | null }> {
  const first = await Promise.race([
    process.exited.then(() => 'exited' as const),
    process.done.then(() => 'done' as const),
  ]);
  return first === 'done' ? process.done : process.settle(drainMs);
}

/** Pids on the host that still carry the execution's mark. Best effort: a host that cannot say has none to show. */
async function findSurvivors(lease: Lease, options: ExecuteOptions, mark: string): Promise<number[]> {
  let output = '';
  try {
    const looked = await execute({
      lease,
      script: survivorsScript(mark),
      runAs: options.runAs,
      sudoPassword: options.sudoPassword,
      secret: false,
      timeoutMs: 10_000,
      record: `${options.record}.look`,
      aborted: new AbortController().signal,
      onOutput(stream, data) {
        if (stream === 'stdout' && output.length < 65_536) output += Buffer.from(data).toString('utf8');
      },
    });
    return looked.end === 'exited' ? parseSurvivors(output).map(({ pid }) => pid) : [];
  } catch {
    return [];
  }
}
