import { OmError } from '@omanager/contract';
import { Command, CommanderError } from 'commander';
import { CommandError, type ExitCode, exitCodes } from './commands/exitCodes.ts';
import type { Surroundings, Terminal } from './commands/surroundings.ts';
import { ConfigError, readConfig } from './config.ts';
import { hideSecrets, hideSecretText } from './secretWords.ts';
import { version } from './version.ts';

type Act<A extends unknown[]> = (terminal: Terminal, ...args: A) => Promise<ExitCode>;
type Runner = <A extends unknown[]>(act: Act<A>) => (...all: [...A, Command]) => Promise<void>;

/** Runs one command line (without node and script) and gives its exit code. Never throws. */
export async function runOmserver(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { env, stdout, stderr, signal } = surroundings;
  const terminal: Terminal = {
    env,
    signal,
    interactive: stdout.isTTY === true,
    say: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    config: () => readConfig(env),
  };
  let exitCode: ExitCode = exitCodes.ok;
  const run: Runner =
    <A extends unknown[]>(act: Act<A>) =>
    async (...all: [...A, Command]) => {
      // Commander passes the arguments, the options and the command itself, in this order.
      exitCode = await act(terminal, ...(all.slice(0, -1) as A));
    };
  try {
    await createProgram(run, surroundings).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has already said what is wrong with the command line, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.refused;
    return report(error, terminal);
  }
}

/** The map of omserver. Each command lives in its own file, loaded when it is asked for. */
function createProgram(run: Runner, { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>): Command {
  const program = new Command('omserver')
    .description('OMServer, the server of OManager. Settings are environment variables OM_…: see docs/operating.md.')
    .version(version)
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
      '\nExit codes: 0 done, 1 failed, 2 doctor or audit verify found a problem, 3 wrong usage, or refused.' +
        '\nSIGTERM or Ctrl-C stops the server in order within OM_STOP_SECONDS; a second one at once.',
    );
  program
    .command('serve')
    .description('Run the server in the foreground; the log is JSON on standard error')
    .option('--no-worker', 'reach no server from here: other processes and workers of zones do')
    .action(
      run(async (terminal, { worker }: { worker: boolean }) =>
        (await import('./commands/serve.ts')).serve(terminal, { worker }),
      ),
    );
  program
    .command('worker')
    .description('Work for a zone of a server elsewhere, by one outgoing connection; no database is needed')
    .option('--zone <name>', 'the zone; or OM_WORKER_ZONE')
    .option('--concurrency <n>', 'servers worked on at the same time; or OM_CONCURRENCY')
    .option(
      '--server <link>',
      'omanager://host:port/#KEY of the server, given again for others to turn to; or OM_WORKER_SERVERS',
      (link: string, before: string[]) => [...before, link],
      [],
    )
    .action(run(async (terminal, given: unknown) => (await import('./commands/worker.ts')).worker(terminal, given)));
  program
    .command('migrate')
    .description('Bring the database schema up to date (serve does it as well)')
    .action(run(async (terminal) => (await import('./commands/migrate.ts')).migrate(terminal)));
  program
    .command('invite')
    .description('Print a one-time invite link, for a new user or for a new device of an existing one')
    .option('--role <role>', 'admin, operator, auditor or viewer, for a new user', 'operator')
    .option('--user <name>', 'an existing user, who gets a new device or a new password')
    .option('--minutes <n>', 'how long it is good, at most 60', '60')
    .option('--file <path>', 'write it to a new file that only you may read')
    .action(run(async (terminal, given: unknown) => (await import('./commands/invite.ts')).invite(terminal, given)));
  program
    .command('token')
    .description('API tokens')
    .command('create')
    .description('Print a new API token, for POST /rpc; it is shown only now')
    .requiredOption('--user <name>', 'whose token it is; it may never do more than they may')
    .requiredOption('--name <name>', 'what it is for')
    .option('--role <role>', 'admin, operator, auditor or viewer', 'viewer')
    .option('--days <n>', 'how long it is good, at most 366', '90')
    .option('--file <path>', 'write it to a new file that only you may read')
    .action(
      run(async (terminal, given: unknown) => (await import('./commands/token.ts')).createToken(terminal, given)),
    );
  const audit = program.command('audit').description('The ledger of audit events');
  audit
    .command('verify')
    .description('Whether the ledger is intact and complete, and the first event that is wrong')
    .option('--checkpoint <file>', 'checkpoints that were kept elsewhere, one a line')
    .option('--pubkey <key>', 'the public key that was kept elsewhere')
    .action(
      run(async (terminal, given: unknown) => (await import('./commands/audit.ts')).verifyAudit(terminal, given)),
    );
  audit
    .command('prove <event>')
    .description('Print a proof that an event stands in the ledger; docs/verify-proof.mjs verifies it anywhere')
    .option('--file <path>', 'write it to a new file that only you may read')
    .action(
      run(async (terminal, event: string, given: object) =>
        (await import('./commands/audit.ts')).proveAudit(terminal, { event, ...given }),
      ),
    );
  audit
    .command('key')
    .description('Print the public key of the ledger: keep it where the server cannot reach it')
    .action(run(async (terminal) => (await import('./commands/audit.ts')).auditKey(terminal)));
  program
    .command('user')
    .description('Users')
    .command('reset <name>')
    .description('Let a locked-out user in again: signed out everywhere, second factor off, link for a new password')
    .option('--revoke-devices', 'their devices may not be used any more')
    .option('--file <path>', 'write the link to a new file that only you may read')
    .action(
      run(async (terminal, user: string, given: object) =>
        (await import('./commands/userReset.ts')).resetUser(terminal, { user, ...given }),
      ),
    );
  program
    .command('rekey')
    .description('Replace the master key and seal everything anew; no server may use the database meanwhile')
    .action(run(async (terminal) => (await import('./commands/rekey.ts')).rekey(terminal)));
  program
    .command('backup <file>')
    .description('Write database and keys to one new file; the server may go on meanwhile')
    .option('--without-keys', 'leave server.key and the master key out, to keep them elsewhere')
    .action(
      run(async (terminal, file: string, { withoutKeys = false }: { withoutKeys?: boolean }) =>
        (await import('./commands/backup.ts')).backup(terminal, file, { keys: !withoutKeys }),
      ),
    );
  program
    .command('restore <file>')
    .description('Put a backup back into an empty data folder and database; the server must not run')
    .option('--force', 'move what is in the data folder aside first (SQLite)')
    .action(
      run(async (terminal, file: string, { force = false }: { force?: boolean }) =>
        (await import('./commands/restore.ts')).restore(terminal, file, { force }),
      ),
    );
  program
    .command('doctor')
    .description('Look at settings, files, database, keys and limits, and say what to mend')
    .option('--json', 'one finding a line, for programs')
    .action(
      run(async (terminal, { json = false }: { json?: boolean }) =>
        (await import('./commands/doctor/doctor.ts')).doctor(terminal, { json }),
      ),
    );
  program
    .command('modules')
    .description('Task modules of the site')
    .command('validate <path>')
    .description('Say what is wrong with the modules of a folder (or one file), as file:line:column')
    .action(
      run(async (terminal, path: string) =>
        (await import('./commands/modulesValidate.ts')).modulesValidate(terminal, path),
      ),
    );
  program
    .command('link')
    .description('Print the link that names this server, for omserver worker; it holds no secret')
    .action(run(async (terminal) => (await import('./commands/link.ts')).link(terminal)));
  program
    .command('openrpc')
    .description('Print the OpenRPC document of all methods')
    .action(run(async (terminal) => (await import('./commands/openrpc.ts')).openrpc(terminal)));
  return program;
}

/** Mistakes of the operator are told in their own words; for a mistake of ours the log level debug shows where. */
function report(error: unknown, { note, env }: Terminal): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  const [first = '', ...rest] = hideSecretText(String(hideSecrets('message', message))).split('\n');
  note(`omserver: ${first}`);
  for (const line of rest) note(`  ${line}`);
  if (error instanceof ConfigError || error instanceof CommandError || error instanceof OmError) {
    return exitCodes.refused;
  }
  if (env.OM_LOG_LEVEL === 'debug' || env.OM_LOG_LEVEL === 'trace') note(JSON.stringify(hideSecrets('err', error)));
  return exitCodes.failed;
}
