import { type Gate, OmError, type Plan, type Risk } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { servers } from '../io/format.ts';

/** What a start or retry brings along for its gate. */
export interface Passed {
  confirm?: string;
  reason?: string;
}

/** What an operator gave beforehand: `yes` agrees where only that is asked for, and types no words. */
export interface Given extends Passed {
  yes?: boolean;
}

/** The server asks for at least as many; here only so that a short one is said before anything is sent. */
const shortestReason = 10;

/** What the plan's gate asks for: what was given, and what is missing is asked for. Never typed for the operator. */
export async function passGate(
  cli: Cli,
  { gate, module, total }: Pick<Plan, 'gate' | 'module' | 'total'>,
  { yes = false, ...given }: Given,
): Promise<Passed> {
  if (gate.kind === 'none') return given;
  if (gate.kind === 'agree')
    return { ...given, confirm: await agree(cli, gate.phrase, { ...given, yes }, describe(module.risk, total)) };
  const confirm = await confirmPhrase(cli, gate.phrase, given.confirm, describe(module.risk, total));
  return { ...given, confirm, ...(gate.reason ? { reason: await sayReason(cli, given.reason) } : {}) };
}

/** The options --yes, --confirm and --reason as commander gives them, without what was not given. */
export function givenOf({ yes, confirm, reason }: Given): Given {
  return {
    ...(yes !== undefined && { yes }),
    ...(confirm !== undefined && { confirm }),
    ...(reason !== undefined && { reason }),
  };
}

export const describe = (risk: Risk, total: number): string => `This is ${risk} and runs on ${servers(total)}.`;

/** What a gate asks for, for who looks at a plan. */
export function gateText(gate: Exclude<Gate, { kind: 'none' }>): string {
  if (gate.kind === 'agree') return `asks before it changes ${gate.phrase} (--yes)`;
  const { phrase, reason } = gate;
  return `wants "${phrase}" to be typed${reason ? `, and a reason of at least ${shortestReason} characters` : ''}`;
}

async function confirmPhrase(cli: Cli, phrase: string, given: string | undefined, what: string): Promise<string> {
  const typed = given ?? (await cli.prompt.ask(`${what} Type "${phrase}" to start: `, `--confirm "${phrase}"`));
  if (typed.trim() === phrase) return phrase;
  throw new CliError(`Nothing was started: the confirmation is "${phrase}", and "${typed}" was given.`);
}

/** A yes, to what the phrase says: how many servers, and of which environments. */
async function agree(cli: Cli, phrase: string, { yes, confirm }: Given, what: string): Promise<string> {
  if (yes) return phrase;
  if (confirm !== undefined) return confirmPhrase(cli, phrase, confirm, what);
  const said = await cli.prompt.ask(`${what} Start on ${phrase}? [y/N] `, '--yes');
  if (/^y(es)?$/i.test(said.trim())) return phrase;
  throw new CliError('Nothing was started: the answer was not yes.');
}

async function sayReason(cli: Cli, given: string | undefined): Promise<string> {
  const said = (
    given ?? (await cli.prompt.ask('Why? It is kept with the run and in the audit: ', '--reason TEXT'))
  ).trim();
  if (said.length >= shortestReason) return said;
  throw new CliError(
    `Nothing was started: a reason of at least ${shortestReason} characters is needed (--reason TEXT).`,
  );
}

/** Calls; what the server asks for and was not known beforehand is asked of the operator, and it is called again. */
export async function withGate<T>(
  cli: Cli,
  what: string,
  { yes = false, ...given }: Given,
  call: (passed: Passed) => Promise<T>,
): Promise<T> {
  const asked = new Set<string>();
  for (let passed: Passed = given; ; ) {
    try {
      return await call(passed);
    } catch (error) {
      if (!(error instanceof OmError) || asked.has(error.code)) throw error;
      asked.add(error.code);
      const { phrase, kind } = error.details ?? {};
      if (error.code === 'CONFIRM_REQUIRED' && typeof phrase === 'string') {
        const { confirm } = passed;
        const words =
          kind === 'agree'
            ? await agree(cli, phrase, { yes, ...(confirm !== undefined && { confirm }) }, what)
            : await confirmPhrase(cli, phrase, confirm, what);
        passed = { ...passed, confirm: words };
      } else if (error.code === 'REASON_REQUIRED') passed = { ...passed, reason: await sayReason(cli, passed.reason) };
      else throw error;
    }
  }
}
