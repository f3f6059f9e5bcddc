import { OmError } from '@omanager/contract';
import { CliError } from './errors.ts';
import { printable } from './io/printable.ts';
import { displayWidth } from './io/width.ts';

/** Runs; a selector that cannot be read is shown with a mark under the place where reading stopped. */
export async function withSelector<T>(selector: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    const position =
      error instanceof OmError && error.code === 'SELECTOR_INVALID' ? error.details?.position : undefined;
    if (typeof position !== 'number' || !(error instanceof OmError)) throw error;
    const before = ' '.repeat(displayWidth(printable(selector.slice(0, position))));
    throw new CliError(`${error.message}\n  ${selector}\n  ${before}^`);
  }
}
