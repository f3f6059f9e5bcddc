import { type Client, pages } from '@omanager/client';
import { OmError, type Run, type ZoneWorker } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { Interrupted } from '../errors.ts';
import { delay } from '../io/delay.ts';
import { activeStates, createRates, topParts } from '../run/topView.ts';
import { duration, example, type Runner } from './command.ts';

const shownRuns = 200;
const leastEveryMs = 500;

interface TopOptions {
  every: number;
  once?: boolean;
}

export function topCommand(program: Command, run: Runner): void {
  program
    .command('top')
    .description('What runs now: active runs with their rates, what waits, zone workers; until Ctrl-C')
    .option('--every <time>', 'how often to look', duration, 2000)
    .option('--once', 'look once')
    .addHelpText('after', example('om top', 'om top --once --json'))
    .action(run(top));
}

async function top(cli: Cli, { every, once = false }: TopOptions): Promise<void> {
  const { out, signal } = cli;
  const rates = createRates();
  await withClient(cli, async (client) => {
    try {
      for (;;) {
        const [active, workers] = await Promise.all([activeRuns(cli, client), workersOf(cli, client)]);
        const now = Date.now();
        const runs = active.map((run) => ({ run, perSecond: rates.update(run, now) }));
        rates.keep(active);
        out.data({ type: 'top', runs: runs.map(({ run, perSecond }) => ({ ...run, perSecond })), workers });
        out.screen(topParts({ runs, workers, now }));
        if (once) return;
        await out.drained();
        await delay(Math.max(leastEveryMs, every), signal);
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    } finally {
      out.endScreen();
    }
  });
}

/** Newest first; of each state at most so many. */
async function activeRuns(cli: Cli, client: Client): Promise<Run[]> {
  const lists = await Promise.all(
    activeStates.map((state) =>
      client.call('runs.list', { states: [state], limit: shownRuns }, { signal: cli.signal }),
    ),
  );
  // A run that changes its state meanwhile may stand in two lists.
  const found = new Map(lists.flatMap(({ items }) => items).map((run) => [run.id, run]));
  return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function workersOf(cli: Cli, client: Client): Promise<ZoneWorker[] | null> {
  const found: ZoneWorker[] = [];
  try {
    for await (const worker of pages(client, 'workers.list', { limit: 200 }, { signal: cli.signal }))
      found.push(worker);
    return found;
  } catch (error) {
    if (error instanceof OmError && error.code === 'FORBIDDEN') return null;
    throw error;
  }
}
