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
  /** As the server told it. */
  at: string;
  /** As they were before they were asked. */
  before: readonly HostRun[];
}

/** The servers as they are once all of them have answered, or patience ended. Throws when interrupted. */
export async function waitForAnswers(cli: Cli, client: Pick<Client, 'call'>, asked: Asked): Promise<HostRun[]> {
  const { runId, at, before } = asked;
  const wanted = new Set(before.map(({ ordinal }) => ordinal));
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const now = await allHosts(cli, client, runId, ({ ordinal }) => wanted.has(ordinal));
    // A question is planned for then; its answer takes that away, or moves it to when the server is asked again.
    const open = now.filter((host) => host.probeAt === at);
    if (open.length === 0 || Date.now() >= deadline) return now;
    cli.out.status(`asked ${now.length}, ${now.length - open.length} answered`);
    await delay(everyMs, cli.signal);
  }
}
