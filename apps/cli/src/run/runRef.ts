import type { Client } from '@omanager/client';
import type { Run } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { formatTime } from '../io/format.ts';
import { dim } from '../io/text.ts';

const whole = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Ids follow time and begin with 0 for some centuries yet. */
const numbered = /^#?([1-9]\d{0,8})$/;
const beginning = /^[0-9a-f-]{8,35}$/i;
/** How far back the beginning of an id is looked for: one page. */
const latest = 200;

/** The run that is meant by an id, by its number, by the beginning of an id, or by `last`, the newest there is. Says which it took. */
export async function runIdOf(cli: Cli, client: Pick<Client, 'call'>, given: string): Promise<string> {
  if (whole.test(given)) return given;
  const [, number] = numbered.exec(given) ?? [];
  if (number !== undefined) {
    const run = await client.call('runs.get', { runId: Number(number) }, { signal: cli.signal });
    sayWhich(cli, run);
    return run.id;
  }
  const isLast = given === 'last';
  if (!isLast && !beginning.test(given)) {
    throw new CliError(
      `${given} is no run: give its number, its id, at least the first 8 characters of it, or "last".`,
    );
  }
  const { items } = await client.call('runs.list', { limit: isLast ? 1 : latest }, { signal: cli.signal });
  const found = isLast ? items : items.filter(({ id }) => id.startsWith(given.toLowerCase()));
  const [run, second] = found;
  if (run === undefined) {
    throw new CliError(
      isLast
        ? 'There is no run yet.'
        : `None of the latest ${latest} runs begins with ${given}; give the whole id: om runs list`,
    );
  }
  if (second !== undefined) {
    throw new CliError(
      `${found.length} runs begin with ${given}; give more of the id:\n${found.map(({ id }) => id).join('\n')}`,
    );
  }
  sayWhich(cli, run);
  return run.id;
}

/** The newest run may be somebody else's by now. */
function sayWhich(cli: Cli, { id, number, module, startedBy, createdAt }: Run): void {
  cli.out.note(dim(`run #${number} ${id}: ${module.id} by ${startedBy} at ${formatTime(createdAt)}`));
}
