import { type RenderedScript, tailBytes } from '@omanager/task-module';
import { type ExecuteOptions, execute } from './execute.ts';

/** Whom to ask on a host, and as which user. */
export type Asked = Pick<ExecuteOptions, 'lease' | 'runAs' | 'sudoPassword'>;

interface AskOptions {
  withinMs?: number;
  signal?: AbortSignal;
}

const answerWithinMs = 10_000;
/** A kept tail, and what is said ahead of it. */
const maxAnswer = tailBytes + 65_536;
const never = new AbortController().signal;

export type Answer = { said: Buffer } | { failed: string };

/** Runs a short script of our own beside an execution, which leaves nothing on the host. Says what it printed, or why it did not run to its end. */
export async function ask(
  asked: Asked,
  script: RenderedScript,
  { withinMs = answerWithinMs, signal = never }: AskOptions = {},
): Promise<Answer> {
  const answer: Uint8Array[] = [];
  let bytes = 0;
  try {
    const done = await execute({
      ...asked,
      script,
      secret: false,
      timeoutMs: withinMs,
      aborted: signal,
      graceMs: () => 1000,
      onOutput(stream, data) {
        if (stream !== 'stdout' || bytes > maxAnswer) return;
        bytes += data.length;
        answer.push(Buffer.from(data));
      },
    });
    switch (done.end) {
      case 'refused':
        return { failed: done.message };
      case 'aborted':
      case 'stopped':
      case 'timed_out':
        return { failed: `it did not answer within ${withinMs / 1000} s` };
      case 'exited':
        if (done.code !== 0) return { failed: `it answered with exit code ${done.code}` };
        return { said: Buffer.concat(answer).subarray(0, maxAnswer) };
    }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
