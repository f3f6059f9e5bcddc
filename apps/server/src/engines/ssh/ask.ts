import type { RenderedScript } from '@omanager/task-module';
import { type ExecuteOptions, execute } from './execute.ts';

/** Whom to ask on a host, and as which user. */
export type Asked = Pick<ExecuteOptions, 'lease' | 'runAs' | 'sudoPassword' | 'record'>;

const answerWithinMs = 10_000;
const maxAnswer = 65_536;

/** Runs a short script of our own beside an execution; what it printed, or null where it could not run to its end. */
export async function ask({ record, ...asked }: Asked, script: RenderedScript, about: string): Promise<string | null> {
  let answer = '';
  try {
    const done = await execute({
      ...asked,
      script,
      secret: false,
      timeoutMs: answerWithinMs,
      record: `${record}.${about}`,
      aborted: new AbortController().signal,
      onOutput(stream, data) {
        if (stream === 'stdout' && answer.length < maxAnswer) answer += Buffer.from(data).toString('utf8');
      },
    });
    return done.end === 'exited' && done.code === 0 ? answer : null;
  } catch {
    return null;
  }
}
