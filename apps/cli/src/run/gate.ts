import { type Gate, OmError, type Plan, type Risk } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { servers } from '../io/format.ts';

/** The typed confirmation that a plan asks for; undefined when it asks for none. */
export async function passGate(cli: Cli, plan: Pick<Plan, 'gate' | 'module' | 'total'>, confirm: string | undefined) {
  return confirmPhrase(cli, plan.gate, confirm, describe(plan.module.risk, plan.total));
}

export const describe = (risk: Risk, total: number): string => `This is ${risk} and runs on ${servers(total)}.`;

async function confirmPhrase(
  cli: Cli,
  gate: Gate,
  given: string | undefined,
  what: string,
): Promise<string | undefined> {
  if (gate.kind === 'none') return undefined;
  const typed =
    given ?? (await cli.prompt.ask(`${what} Type "${gate.phrase}" to start: `, `--confirm "${gate.phrase}"`));
  if (typed.trim() === gate.phrase) return gate.phrase;
  throw new CliError(`Nothing was started: the confirmation is "${gate.phrase}", and "${typed}" was given.`);
}

/** Calls; when the server asks for a phrase that was not known beforehand, asks for it and calls once more. */
export async function withPhrase<T>(
  cli: Cli,
  what: string,
  given: string | undefined,
  call: (confirm: string | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await call(given);
  } catch (error) {
    const phrase = error instanceof OmError && error.code === 'CONFIRM_REQUIRED' ? error.details?.phrase : undefined;
    if (typeof phrase !== 'string') throw error;
    return call(await confirmPhrase(cli, { kind: 'confirm', phrase }, given, what));
  }
}
