import { pages } from '@omanager/client';
import { type AgentKey, agentTroubleSchema, type ParamsOf } from '@omanager/contract';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { formatBytes, formatTime } from '../io/format.ts';
import { dim, red, type Text, yellow } from '../io/text.ts';
import { example, type Runner } from './command.ts';

/** `om audit agents`: whether what is typed on servers still comes. */
export function agentCommands(audit: Command, run: Runner): void {
  audit
    .command('agents')
    .description('Agents on servers: last word, lag, spool and clock of each')
    .option('--all', 'also keys that count no more')
    .option('--host <part>', 'only servers with this in their name')
    .addOption(
      new Option('--trouble <kind>', 'only agents with this trouble').choices(['any', ...agentTroubleSchema.options]),
    )
    .addHelpText('after', example('om audit agents --trouble any', 'om audit agents --all --json'))
    .action(run(list));
}

type Asked = Pick<ParamsOf<'agents.list'>, 'host' | 'trouble'> & { all?: boolean };

async function list(cli: Cli, { all = false, ...asked }: Asked): Promise<void> {
  await withClient(cli, async (client) => {
    const rows: Text[][] = [];
    const params = { ...asked, ...(all ? {} : { current: true }), limit: 1000 };
    for await (const key of pages(client, 'agents.list', params, { signal: cli.signal })) {
      cli.out.data(key);
      rows.push(rowOf(key));
    }
    cli.out.table(['SERVER', 'STATE', 'LAST WORD', 'LAG', 'SPOOL', 'CLOCK', 'VERSION'], rows);
  });
}

function rowOf({ hostId, hostName, revokedAt, revokedFor, agent, troubles }: AgentKey): Text[] {
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
    troubles.includes('clock') ? yellow(clock) : clock,
    troubles.includes('outdated') ? yellow(`${version}, outdated`) : (version ?? ''),
  ];
}
