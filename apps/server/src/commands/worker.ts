import { type InviteLink, parseInvite } from '@omanager/client';
import { nameSchema, OmError, type WorkerSettings } from '@omanager/contract';
import pino from 'pino';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { fitDescriptors } from '../descriptors.ts';
import { createLog } from '../logging.ts';
import { version } from '../version.ts';
import { buildWorker, type ZoneWorkerProcess } from '../worker/index.ts';
import { serveMetrics } from '../worker/metrics.ts';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import { requireOwnData } from './ownData.ts';
import { readOptions } from './readOptions.ts';
import { aborted, within } from './stopping.ts';
import type { Terminal } from './surroundings.ts';

const optionsSchema = z.strictObject({
  zone: nameSchema.optional(),
  concurrency: z.coerce.number('a whole number from 1 to 10000').int().min(1).max(10_000).optional(),
  server: z.array(z.string()).default([]),
});

/** What closing may take beyond the budget for hosts under way. */
const closeMs = 5000;

/** `omserver worker`: works for one zone of a server elsewhere, until the signal. */
export async function worker(terminal: Terminal, given: unknown): Promise<ExitCode> {
  const options = readOptions(optionsSchema, given);
  const config = terminal.config();
  const zone = options.zone ?? config.worker.zone;
  if (zone === null) throw new CommandError('--zone (or OM_WORKER_ZONE): say which zone this worker is for');
  const servers = serversOf([...options.server, ...config.worker.servers]);
  await requireOwnData(config.dataDir);
  const log = createLog(config.logLevel, pino.destination({ fd: 2, sync: true }));
  const stop = new AbortController();
  let revoked: string | undefined;
  const process = await buildWorker(
    { ...fitDescriptors(config, log), servers, concurrency: options.concurrency ?? config.concurrency },
    log,
    (message) => {
      revoked = message;
      stop.abort();
    },
  );
  const signal = AbortSignal.any([terminal.signal, stop.signal]);
  try {
    await work(process, { terminal, config, zone, signal, log });
  } finally {
    // Of a worker that was revoked nobody takes anything any more.
    const budgetMs = revoked === undefined ? config.stopMs : 0;
    log.info({ budgetMs }, 'stopping: no new work; servers under way are finished within the budget');
    await within(budgetMs + closeMs, process.close(budgetMs));
  }
  if (revoked !== undefined) throw new CommandError(`This worker was revoked: ${revoked}`);
  log.info('stopped');
  return exitCodes.ok;
}

async function work(
  process: ZoneWorkerProcess,
  {
    terminal,
    config,
    zone,
    signal,
    log,
  }: { terminal: Terminal; config: Config; zone: string; signal: AbortSignal; log: pino.Logger },
): Promise<void> {
  const { metricsPort } = config.worker;
  const metrics = metricsPort === null ? undefined : await serveMetrics(metricsPort, process.stats);
  try {
    terminal.say(`The key of this worker is ${process.publicKey}`);
    if (metrics) terminal.say(`Metrics are on http://127.0.0.1:${metrics.port}/metrics`);
    const settings = await admitted();
    if (!settings) return;
    if (settings.zone !== zone)
      throw new CommandError(`The server let this worker in for the zone ${settings.zone}, not for ${zone}.`);
    process.start(settings);
    log.info({ version, zone, worker: settings.workerId }, 'working');
    terminal.say(`OMServer ${version} works for the zone ${zone}`);
    await aborted(signal);
  } finally {
    metrics?.close();
  }

  async function admitted(): Promise<WorkerSettings | null> {
    try {
      return await process.admitted(signal, () => {
        terminal.say('The server does not know this key yet. Let it in as an admin; this worker waits for it:');
        terminal.say(`  om workers add NAME --zone ${zone} --key ${process.publicKey}`);
      });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }
}

function serversOf(links: readonly string[]): InviteLink[] {
  if (links.length === 0)
    throw new CommandError(
      '--server (or OM_WORKER_SERVERS): say which server this worker works for: omanager://host:port/#KEY',
    );
  return links.map((link) => {
    try {
      return parseInvite(link);
    } catch (error) {
      throw error instanceof OmError ? new CommandError(`--server: ${error.message}`) : error;
    }
  });
}
