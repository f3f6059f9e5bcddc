import { type Client, pages } from '@omanager/client';
import { OmError, type Plan, type Run } from '@omanager/contract';
import type { Command } from 'commander';
import { v7 as uuidv7 } from 'uuid';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, exitCodes, Interrupted } from '../errors.ts';
import { followRun, waitPausedHelp } from '../run/follow.ts';
import { givenOf, type Passed, passGate } from '../run/gate.ts';
import { followMerged } from '../run/merged.ts';
import { buildParams } from '../run/params.ts';
import { printPlan, printPlanScript } from '../run/planView.ts';
import { printEnd, printResults } from '../run/results.ts';
import { duration, example, keyValue, type Runner, wholeNumber } from './command.ts';
import { type FilterOptions, filterOf, withFilterOptions } from './logs.ts';
import { type RolloutOptions, rolloutOf, withRolloutOptions } from './rolloutOptions.ts';
import { selectorOf } from './sets.ts';

interface PlanOptions extends RolloutOptions, FilterOptions {
  targets: string;
  param?: Record<string, string>;
  file?: Record<string, string>;
  parallel?: number;
  timeout?: number;
}

interface RunOptions extends PlanOptions {
  dryRun?: boolean;
  yes?: boolean;
  confirm?: string;
  reason?: string;
  fold: boolean;
  detach?: boolean;
  waitPaused?: boolean;
}

export function runCommands(program: Command, run: Runner): void {
  const withPlanOptions = (command: Command): Command =>
    withFilterOptions(
      withRolloutOptions(
        command
          .argument('<module>', 'id, number, or id@version: see "om modules list"')
          .requiredOption(
            '-t, --targets <selector>',
            'servers, for example "web-[01-40]" or "group:web & !label:canary=yes"; "set:NAME" for a server set',
          )
          .option('-p, --param <name=value>', 'a parameter of the module; repeat for more', keyValue)
          .option(
            '-f, --file <name=file>',
            'a parameter from a file, - for standard input; for secrets and long texts too',
            keyValue,
          )
          .option('--parallel <n>', 'how many servers at once', wholeNumber(1, 1000))
          .option('--timeout <time>', 'how long one server may take or be followed, for example 30s or 5m', duration),
      ),
    );

  withPlanOptions(program.command('plan'))
    .description('Show what would run, where and how; starts nothing')
    .option('--hosts', 'list the servers with address, route and host key')
    .addHelpText('after', example('om plan service.restart -t "env:prod & group:web" -p service=nginx --hosts'))
    .action(run(plan));

  withPlanOptions(program.command('run'))
    .description(
      'Run a module on servers, watch it, and show the outputs; Ctrl-C lets go of it, the run goes on (a module that follows is stopped)',
    )
    .option('--dry-run', 'stop after showing the plan')
    .option('--yes', 'agree where a change in production or on 50 servers and more is asked about; types no words')
    .option('--confirm <phrase>', 'what a risky run asks to be typed, for example 42 or "prod 42"')
    .option('--reason <text>', 'why; kept with the run and in the audit; destructive modules want one')
    .option('--no-fold', 'print every server by itself instead of folding identical outputs')
    .option('--detach', 'return as soon as it has started')
    .option('--wait-paused', waitPausedHelp)
    .addHelpText(
      'after',
      example(
        'om run system.uptime -t "*"',
        'om run 1001 -t web-[01-40] -p lines=50',
        'om run log.follow -t group:web -p file=/var/log/nginx/error.log --exclude " 404 "',
        'om run service.restart -t group:web -p service=nginx --canary 1 --waves 10%,50%,100% --wait ask --stop-when 5%',
        'om run service.restart -t env:prod -p service=nginx --confirm 42 --parallel 10 --timeout 2m',
      ),
    )
    .action(run(runModule));
}

async function plan(cli: Cli, module: string, options: PlanOptions & { hosts?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const made = await makePlan(cli, client, module, options);
    printPlan(cli, made);
    printPlanScript(cli, made);
    if (options.hosts) await printPlanHosts(cli, client, made.id);
  });
}

async function runModule(cli: Cli, module: string, options: RunOptions): Promise<void> {
  await withClient(cli, async (client) => {
    const made = await makePlan(cli, client, module, options).catch(nothingStarted);
    printPlan(cli, made);
    if (options.dryRun) return printPlanScript(cli, made);
    const passed = await passGate(cli, made, givenOf(options)).catch(nothingStarted);
    const run = await start(cli, client, made, passed);
    cli.out.data({ type: 'started', runId: run.id });
    if (options.detach) return cli.out.line(`Started: om ${made.follow ? 'logs' : 'runs watch'} ${run.id}`);
    if (made.follow) return followToEnd(cli, client, run.id);
    const ended = await followRun(cli, client, { runId: run.id, waitPaused: options.waitPaused });
    if (ended) await printResults(cli, client, ended, options);
  });
}

/** What has no end of its own is shown as it comes, and stopped by Ctrl-C; from then on nothing is interrupted any more. */
async function followToEnd(cli: Cli, client: Client, runId: string): Promise<void> {
  const ended = await followMerged(cli, client, { runId, lines: 1000, onInterrupt: 'stop' });
  if (ended) await printEnd({ ...cli, signal: new AbortController().signal }, client, ended);
}

function nothingStarted(error: unknown): never {
  if (error instanceof Interrupted) throw new CliError('Interrupted; nothing was started.', exitCodes.other);
  throw error;
}

async function makePlan(cli: Cli, client: Client, module: string, options: PlanOptions): Promise<Plan> {
  const { signal } = cli;
  const { targets, parallel, timeout } = options;
  const rollout = rolloutOf(options);
  const filter = filterOf(options);
  const detail = await client.call('modules.get', { module }, { signal });
  const given = { values: options.param ?? {}, files: options.file ?? {} };
  const selector = await selectorOf(cli, client, targets);
  const built = await buildParams(cli, detail.params, given);
  const limits = {
    ...(parallel !== undefined && { parallel }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(rollout && { rollout }),
    ...(filter && { filter }),
  };
  const made = await client.call('runs.plan', { module, selector, ...built, ...limits }, { signal });
  cli.out.data({ type: 'plan', ...made });
  return made;
}

/** The run's id is made here, so that a start whose answer was lost can be asked for again and looked up. */
async function start(cli: Cli, client: Client, made: Plan, passed: Passed): Promise<Run> {
  const runId = uuidv7();
  try {
    return await client.call(
      'runs.start',
      { planId: made.id, digest: made.digest, runId, ...passed },
      { signal: cli.signal },
    );
  } catch (error) {
    const unsure = error instanceof Interrupted || (error instanceof OmError && error.code === 'DISCONNECTED');
    if (!unsure) throw error;
    throw new CliError(`${error.message} The run may have started; see: om runs show ${runId}`, exitCodes.other);
  }
}

async function printPlanHosts(cli: Cli, client: Client, planId: string): Promise<void> {
  const rows: string[][] = [];
  for await (const host of pages(client, 'runs.planHosts', { planId, limit: 1000 }, { signal: cli.signal })) {
    cli.out.data({ type: 'planHost', ...host });
    const { name, user, address, port, zone, environment, route, credential, hostKey } = host;
    rows.push([
      name,
      `${user}@${address}:${port}`,
      environment,
      zone,
      route.join(' > '),
      credential ?? 'none',
      hostKey ?? 'not known yet',
    ]);
  }
  cli.out.table(['SERVER', 'LOGIN', 'ENV', 'ZONE', 'THROUGH', 'CREDENTIAL', 'HOST KEY'], rows);
}
