import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { type Cli, langOf } from './cli.ts';
import { accountCommands } from './commands/account.ts';
import { auditCommands } from './commands/audit.ts';
import { type Act, oneOf, type Runner } from './commands/command.ts';
import { credentialsCommands } from './commands/credentials.ts';
import { devicesCommands } from './commands/devices.ts';
import { filesCommands } from './commands/files.ts';
import { groupsCommands } from './commands/groups.ts';
import { hostKeysCommands } from './commands/hostKeys.ts';
import { hostsCommands } from './commands/hosts.ts';
import { loginCommand } from './commands/login.ts';
import { logsCommand } from './commands/logs.ts';
import { modulesCommands } from './commands/modules.ts';
import { profilesCommands } from './commands/profiles.ts';
import { runCommands } from './commands/run.ts';
import { runsCommands } from './commands/runs.ts';
import { setsCommands } from './commands/sets.ts';
import { sshCommand } from './commands/ssh.ts';
import { tokensCommands } from './commands/tokens.ts';
import { topCommand } from './commands/top.ts';
import { usersCommands } from './commands/users.ts';
import { workersCommands } from './commands/workers.ts';
import { zonesCommands } from './commands/zones.ts';
import { type ExitCode, exitCodes, failureOf } from './errors.ts';
import { createOutput, type Output, type OutputStream } from './io/output.ts';
import { createPrompt } from './io/prompt.ts';
import { red } from './io/text.ts';
import { createProfileStore, profileHome } from './profiles.ts';

export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadStream;
  stdout: OutputStream;
  stderr: OutputStream;
  signal: AbortSignal;
  /** What Ctrl-C does while a question is being asked, when the terminal does not turn it into a signal. */
  onInterrupt: () => void;
}

interface Globals {
  profile?: string;
  json?: boolean;
  raw?: boolean;
  lang?: string;
}

/** Runs one command line (without node and script) and gives its exit code. Never throws. */
export async function runOm(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  const run: Runner =
    <A extends unknown[]>(act: Act<A>) =>
    async (...all: [...A, Command]) => {
      const command = all.at(-1);
      const globals: Globals = command instanceof Command ? command.optsWithGlobals() : {};
      const out = outputFor(globals, surroundings);
      const cli = createCli(globals, out, surroundings, (code) => {
        exitCode = code;
      });
      try {
        // Commander passes the arguments, the options and the command itself, in this order.
        await act(cli, ...(all.slice(0, -1) as A));
      } catch (error) {
        exitCode = report(error, out);
      }
    };
  try {
    await createProgram(run, surroundings).parseAsync(args, { from: 'user' });
  } catch (error) {
    // Commander has already said what is wrong with the command line, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.refused;
    return report(error, outputFor({}, surroundings));
  }
  return exitCode;
}

export function createProgram(run: Runner, { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>): Command {
  const program = new Command('om')
    .description('OManager in a terminal: run task modules on servers, watch them, and look after the inventory')
    .version(packageJson.version)
    .option('--profile <name>', 'the server to talk to (also $OM_PROFILE); default: the last one signed in to')
    .option('--json', 'one JSON object a line, for programs')
    .option('--raw', 'print what servers say as it is, control characters included')
    .option('--lang <lang>', 'language of module titles; default: as $LANG says', oneOf(['en', 'zh']))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(add --help for how it is used)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 all ok, 2 some servers not ok, 3 refused or wrong input, 4 paused between waves, 1 anything else.',
    );
  const parts = [
    loginCommand,
    accountCommands,
    profilesCommands,
    runCommands,
    runsCommands,
    logsCommand,
    sshCommand,
    filesCommands,
    topCommand,
    modulesCommands,
    hostsCommands,
    groupsCommands,
    setsCommands,
    zonesCommands,
    workersCommands,
    hostKeysCommands,
    credentialsCommands,
    usersCommands,
    devicesCommands,
    tokensCommands,
    auditCommands,
  ];
  for (const part of parts) part(program, run);
  return program;
}

function outputFor({ json = false, raw = false }: Globals, { stdout, stderr, env }: Surroundings): Output {
  return createOutput({ stdout, stderr, env, json, raw });
}

function createCli(
  { profile, lang }: Globals,
  out: Output,
  surroundings: Surroundings,
  setExitCode: Cli['setExitCode'],
): Cli {
  const { env, stdin, stderr, signal, onInterrupt } = surroundings;
  return {
    out,
    prompt: createPrompt({ stdin, stderr, signal, onInterrupt }),
    profiles: createProfileStore(profileHome(env)),
    profileName: profile ?? env.OM_PROFILE ?? null,
    lang: langOf(lang, env),
    stdin,
    signal,
    setExitCode,
  };
}

function report(error: unknown, out: Output): ExitCode {
  const { exitCode, ...failure } = failureOf(error);
  out.data({ type: 'error', ...failure });
  const [first = '', ...more] = failure.message.split('\n');
  out.note(red('om: '), first);
  for (const line of more) out.note('    ', line);
  return exitCode;
}
