import { type Client, pages } from '@omanager/client';
import type { ResultOf } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { formatBytes, formatTime } from '../io/format.ts';
import { dim, red, type Text, yellow } from '../io/text.ts';
import { example, type Runner } from './command.ts';

type AgentKey = ResultOf<'agents.list'>['items'][number];

/** `om audit agents`: whether what is typed on servers still comes. */
export function agentCommands(audit: Command, run: Runner): void {
  audit
    .command('agents')
    .description('Agents on servers: last word, lag, spool and clock of each')
    .option('--all', 'also keys that count no more')
    .addHelpText('after', example('om audit agents', 'om audit agents --all --json'))
    .action(run(list));
}

async function list(cli: Cli, { all = false }: { all?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    for await (const key of keysOf(cli, client)) {
      if (key.revokedAt !== null && !all) continue;
      cli.out.data(key);
      rows.push(rowOf(key));
    }
    cli.out.table(['SERVER', 'STATE', 'LAST WORD', 'LAG', 'SPOOL', 'CLOCK', 'VERSION'], rows);
  });
}

const keysOf = (cli: Cli, client: Client) => pages(client, 'agents.list', { limit: 1000 }, { signal: cli.signal });

/** Seconds that a clock may be away before it is worth a look. */
const clockTolerance = 10;

function rowOf({ hostId, hostName, revokedAt, revokedFor, agent }: AgentKey): Text[] {
  const server = hostName ?? hostId;
  if (revokedAt !== null) return [dim(server), dim(`key ${revokedFor ?? 'revoked'}`), dim(formatTime(revokedAt))];
  if (!agent) return [server, yellow('no word yet')];
  const { lastSeenAt, silentSince, lagMs, spoolKib, spoolBoundKib, lost, clockSeconds, version } = agent;
  const spool = spoolKib === null ? '' : formatBytes(spoolKib * 1024);
  const bound = spoolBoundKib === null ? '' : ` of ${formatBytes(spoolBoundKib * 1024)}`;
  const clock = clockSeconds === null ? '' : `${clockSeconds > 0 ? '+' : ''}${clockSeconds} s`;
  return [
    server,
    silentSince === null ? 'reports' : red('silent'),
    formatTime(lastSeenAt),
    lagMs === null ? '' : `${Math.round(lagMs / 1000)} s`,
    lost ? red(`${spool}${bound}, ${lost} lost`) : `${spool}${bound}`,
    Math.abs(clockSeconds ?? 0) > clockTolerance ? yellow(clock) : clock,
    version ?? '',
  ];
}
