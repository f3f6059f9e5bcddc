import { OmError } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';

/** Does it; where the server wants its name to be typed before, it is asked for, and it is done again. */
export async function confirmed<T>(
  cli: Cli,
  given: { confirm?: string },
  work: (confirm: { confirm?: string }) => Promise<T>,
): Promise<T> {
  const confirm = given.confirm === undefined ? {} : { confirm: given.confirm };
  try {
    return await work(confirm);
  } catch (error) {
    const phrase = error instanceof OmError && error.code === 'CONFIRM_REQUIRED' ? error.details?.phrase : undefined;
    if (typeof phrase !== 'string' || given.confirm !== undefined) throw error;
    const typed = await cli.prompt.ask(`${phrase} is production. Type its name to go on: `, `--confirm ${phrase}`);
    if (typed.trim() !== phrase) throw new CliError('Nothing was changed: another name was typed.');
    return work({ confirm: phrase });
  }
}
