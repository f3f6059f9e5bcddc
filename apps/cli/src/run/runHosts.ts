import { type Client, pages } from '@omanager/client';
import { expandRanges, type HostRun, type HostState } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';

/** The servers of a run that these names stand for (`web-[01-03],db-1`), in the order of the run. */
export async function hostsOf(
  cli: Cli,
  client: Pick<Client, 'call'>,
  runId: string,
  names: readonly string[],
): Promise<HostRun[]> {
  const wanted = new Set(names.flatMap((name) => expandRanges(name)));
  const found = await allHosts(cli, client, runId, ({ name }) => wanted.delete(name));
  if (wanted.size === 0) return found;
  throw new CliError(`${[...wanted].slice(0, 20).join(', ')}: not part of this run; see: om runs hosts ${runId}`);
}

/** The servers of a run that are chosen, read page by page. */
export async function allHosts(
  cli: Cli,
  client: Pick<Client, 'call'>,
  runId: string,
  choose: (host: HostRun) => boolean = () => true,
  states?: readonly HostState[],
): Promise<HostRun[]> {
  const found: HostRun[] = [];
  const params = { runId, limit: 1000, ...(states && { states: [...states] }) };
  for await (const host of pages(client, 'runs.hosts', params, { signal: cli.signal }))
    if (choose(host)) found.push(host);
  return found;
}

export async function hostOf(cli: Cli, client: Pick<Client, 'call'>, runId: string, name: string): Promise<HostRun> {
  const [host] = await allHosts(cli, client, runId, (one) => one.name === name);
  if (host) return host;
  throw new CliError(`${name} is not part of this run; see: om runs hosts ${runId}`);
}
