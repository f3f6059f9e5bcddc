import { type Exit, type Lease, type RemoteProcess, SshError } from '@omanager/ssh-fleet';
import {
  type ConversationFailure,
  control,
  createConversation,
  createMarks,
  type RenderedScript,
  type Shell,
  type Step,
  sudoCommand,
  type Traces,
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
  /** Names the record that the wrapper leaves on the host; none: it leaves nothing. */
  record?: string | undefined;
  /** Let the script go on when the connection dies, and keep the end of its output beside the record. */
  keepTail?: boolean;
  /** End the script when the connection dies. */
  endsWithChannel?: boolean;
  /** A folder with uploaded files that the wrapper removes. */
  filesFolder?: string | undefined;
  aborted: AbortSignal;
  /** Ends the script as well, in order. */
  stopped?: AbortSignal | undefined;
  /** TERM, then this long, then KILL; asked for when `aborted` is. */
  graceMs(): number;
  onOutput(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> | void;
}

/** Why a script was called off. */
export type Called = 'timed_out' | 'aborted' | 'stopped';

/** Lets the wrapper go, which waits until somebody has stored what it said. Never throws. */
export type Collected = (stored: boolean) => Promise<void>;

export type Executed =
  /** `collected`, where there is one, has to be called: with true once the result is stored, so that the host forgets it, else with false. */
  | { end: 'exited'; code: number | null; collected?: Collected }
  /**
   * `traces` find what is left of it on the host; null where the script was never sent, so that nothing ran.
   * `cut`: the connection died or fell silent before the host said that the script has ended.
   */
  | { end: Called; code: number | null; traces: Traces | null; cut: boolean }
  | { end: 'refused'; failure: ConversationFailure; message: string };

/** From TERM to KILL when the time is up, and when what follows is stopped. */
const timeoutGraceMs = 5000;
/** How long the host may take to say that KILL has ended the script. */
const killMs = 5000;
/** The host starts its own timer once a body has run this long: most never do, and a timer costs the host two processes. */
const timerAfterMs = 2000;
/** How long the channel may stay open after the body has gone: a daemon may hold its output. */
const drainMs = 1000;

/** Runs one wrapped script on one host and talks with the wrapper until all of it is over. Throws SshError when the connection dies after the script was sent. */
export async function execute(options: ExecuteOptions): Promise<Executed> {
  const { lease, runAs, shell, timeoutMs, aborted, stopped } = options;
  const sudo = runAs !== null;
  const marks = createMarks();
  const script = wrapScript(options.script, {
    marks,
    timeoutMs,
    graceMs: timeoutGraceMs,
    ...(options.record === undefined ? {} : { record: options.record }),
    keepTail: options.keepTail ?? false,
    endsWithChannel: options.endsWithChannel ?? false,
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
    keepTail: options.keepTail ?? false,
    ...(options.sudoPassword === undefined ? {} : { password: options.sudoPassword }),
  });

  let process: RemoteProcess | undefined;
  let early: Uint8Array[] = [];
  let sent = false;
  let asked = false;
  let why: Called | undefined;
  let failure: Step['failed'];
  const over = Promise.withResolvers<{ over: number }>();
  const calledOff = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, act: () => void) => timers.add(setTimeout(act, ms));

  function send(bytes: Uint8Array): void {
    // The far side may answer in the same packet that opens the channel, before `exec` has returned.
    if (!process) early.push(bytes);
    // A write that fails says that the channel has closed, which `settle` sees too.
    else process.stdin.write(bytes).catch(() => {});
  }

  function take(step: Step): Promise<void> | void {
    if (calledOff.signal.aborted) return;
    for (const bytes of step.write) {
      send(bytes);
      if (bytes !== script) continue;
      sent = true;
      if (timeoutMs > timerAfterMs) after(timerAfterMs, () => send(control.timer));
    }
    if (step.endInput) process?.stdin.end();
    failure ??= step.failed;
    for (const event of step.events) if (event.kind === 'timeout') why ??= 'timed_out';
    const out = step.stdout.length > 0 ? options.onOutput('stdout', step.stdout) : undefined;
    const err = step.stderr.length > 0 ? options.onOutput('stderr', step.stderr) : undefined;
    if (step.over) over.resolve({ over: step.over.exitCode });
    return out && err ? Promise.all([out, err]).then(() => {}) : (out ?? err);
  }

  /** Asks the whole process group to end, insists after the grace time, and gives up on the channel a little later. */
  function end(reason: Called): void {
    why ??= reason;
    if (asked) return;
    asked = true;
    // Before the script is there, sudo may be waiting for a password: it must not get a control line for one.
    if (!sent) return calledOff.abort();
    const graceMs = reason === 'aborted' ? options.graceMs() : timeoutGraceMs;
    send(control.term(graceMs));
    after(graceMs, () => send(control.kill));
    after(graceMs + killMs, () => process?.kill());
  }

  const onAbort = () => end('aborted');
  const onStop = () => end('stopped');
  aborted.addEventListener('abort', onAbort);
  stopped?.addEventListener('abort', onStop);
  try {
    if (aborted.aborted) return { end: 'aborted', code: null, traces: null, cut: false };
    if (stopped?.aborted) return { end: 'stopped', code: null, traces: null, cut: false };
    process = await lease.exec(command, {
      signal: calledOff.signal,
      onData: (stream, chunk) =>
        take(stream === 'stdout' ? conversation.onStdout(chunk) : conversation.onStderr(chunk)),
    });
    take(conversation.start());
    for (const bytes of early.splice(0)) send(bytes);
    if (failure) process.stdin.end();
    after(timeoutMs, () => end('timed_out'));
    const first = await Promise.race([over.promise, settle(process)]);
    if ('over' in first && why === undefined)
      return { end: 'exited', code: first.over, collected: collecting(process) };
    // What is called off in the moment in which it ends is not waited with.
    if ('over' in first) send(control.kill);
    const { code, signal } = 'over' in first ? await settle(process) : first;
    await take(conversation.onClose(code ?? undefined));
    if (why !== undefined) {
      const traces = sent && failure === undefined ? marks : null;
      return { end: why, code, traces, cut: traces !== null && code === null && signal === undefined };
    }
    if (failure) return { end: 'refused', failure: failure.code, message: failure.message };
    return { end: 'exited', code };
  } catch (error) {
    if (why !== undefined && calledOff.signal.aborted) return { end: why, code: null, traces: null, cut: false };
    if (why !== undefined && sent && error instanceof SshError)
      return { end: why, code: null, traces: marks, cut: true };
    if (sent || !(error instanceof SshError)) throw error;
    return { end: 'refused', failure: 'not_ready', message: `${error.message} Nothing was run on the server.` };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    aborted.removeEventListener('abort', onAbort);
    stopped?.removeEventListener('abort', onStop);
    early = [];
  }
}

function collecting(process: RemoteProcess): Collected {
  return async (stored) => {
    if (!stored) return process.kill();
    try {
      await process.stdin.write(control.done);
      await process.settle(drainMs);
    } catch {
      // The connection died first: the host keeps what it has until that is old.
    }
  };
}

/** The wrapper's exit is the end; a child that left its group may hold the output open for ever. */
async function settle(process: RemoteProcess): Promise<Exit> {
  const first = await Promise.race([
    process.exited.then(() => 'exited' as const),
    process.done.then(() => 'done' as const),
  ]);
  return first === 'done' ? process.done : process.settle(drainMs);
}
