import type { Client } from '@omanager/client';
import type { HostRun } from '@omanager/contract';
import type { Cli } from '../cli.ts';
import { delay } from '../io/delay.ts';
import { allHosts } from './runHosts.ts';

/** How long answers are waited for, and how often is looked; a server that is slower is asked again by itself. */
const patienceMs = 20_000;
const everyMs = 500;

export interface Asked {
  runId: string;
  /** As they were before they were asked. */
  before: readonly HostRun[];
}

/** The servers as they are once all of them have answered, or patience ended. Throws when interrupted. */
export async function waitForAnswers(cli: Cli, client: Pick<Client, 'call'>, asked: Asked): Promise<HostRun[]> {
  const { runId, before } = asked;
  const earlier = new Map(before.map((host) => [host.ordinal, host]));
  const deadline = Date.now() + patienceMs;
  const pending = new Map<number, string>();
  for (;;) {
    const now = await allHosts(cli, client, runId, ({ ordinal }) => earlier.has(ordinal));
    const open = now.filter((host) => !hasAnswered(host, earlier.get(host.ordinal), pending));
    if (open.length === 0 || Date.now() >= deadline) return now;
    cli.out.status(`asked ${now.length}, ${now.length - open.length} answered`);
    await delay(everyMs, cli.signal);
  }
}

/** A question is planned under `probeAt`; an answer takes that away, or moves it to when the server is asked again. */
export function hasAnswered(host: HostRun, before: HostRun | undefined, planned: Map<number, string>): boolean {
  if (host.probeAt === null) return true;
  const first = planned.get(host.ordinal);
  if (first === undefined) planned.set(host.ordinal, host.probeAt);
  if (first !== undefined && host.probeAt !== first) return true;
  return host.state !== before?.state || host.message !== before.message;
}
