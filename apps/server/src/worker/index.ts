import { OmError, type WorkerSettings } from '@omanager/contract';
import { encodeKey } from '@omanager/secure-channel';
import type { Logger } from 'pino';
import { v7 as uuid } from 'uuid';
import { createLocalBus } from '../bus/bus.ts';
import { loadPrimitives } from '../channel/sodiumPrimitives.ts';
import { createSshEngine } from '../engines/ssh/index.ts';
import { endpointKey } from '../features/inventory/types.ts';
import { createWorker } from '../features/runs/execute/worker.ts';
import { createLocalQueue } from '../queue/queue.ts';
import { version } from '../version.ts';
import type { WorkerConfig } from './config.ts';
import { createUsedCredentials } from './credentials.ts';
import { createHeldRuns, type Shard } from './heldRuns.ts';
import { createPoller } from './poller.ts';
import { createRemoteClaims } from './remoteClaims.ts';
import { createRemoteShards } from './remoteShards.ts';
import { createServerLink } from './serverLink.ts';
import { loadWorkerKey } from './workerKey.ts';

export interface ZoneWorkerProcess {
  publicKey: string;
  /** Waits until the server knows this key; `refused` is told once when it does not yet. */
  admitted(signal: AbortSignal, refused: () => void): Promise<WorkerSettings>;
  /** Begins to work. */
  start(settings: WorkerSettings): void;
  stats(): {
    worker: { runs: number; hosts: number };
    fleet: ReturnType<ReturnType<typeof createSshEngine>['stats']>;
    connected: boolean;
  };
  /** Stops in order: claims nothing more, finishes hosts under way within the budget, hands back what has not begun. */
  close(budgetMs: number): Promise<void>;
}

const askEveryMs = 2000;

/** Builds a worker for another zone: it knows one server and a key, and neither database nor queue nor master key. */
export async function buildWorker(
  config: WorkerConfig,
  log: Logger,
  onRevoked: (message: string) => void,
): Promise<ZoneWorkerProcess> {
  await using building = new AsyncDisposableStack();
  const keyPair = await loadWorkerKey(config.dataDir);
  const crypto = await loadPrimitives();
  const link = createServerLink({ servers: config.servers, keyPair, onRevoked, log });
  building.defer(() => link.close());
  const instance = uuid();
  const bus = createLocalBus();
  const queue = createLocalQueue();
  building.defer(() => queue.close());
  const credentials = createUsedCredentials();
  let settings: WorkerSettings | undefined;
  const settingsNow = (): WorkerSettings => {
    if (!settings) throw new Error('the server has not let this worker in yet');
    return settings;
  };

  const held = createHeldRuns((runId) => shards.forget(runId));
  const shards = createRemoteShards({
    link,
    instance,
    version,
    keyPair,
    crypto,
    settings: settingsNow,
    endpointKey,
    holds: (runId, ordinal) => held.get(runId)?.out.has(ordinal) ?? false,
    onCredential(id, at) {
      if (credentials.used(id, at)) poller.changed();
    },
  });
  const onShards = (claimed: readonly Shard[]) => {
    for (const shard of claimed) {
      shards.add(shard);
      held.add(shard);
      queue.wake(shard.runId, 'main');
    }
  };
  const ssh = createSshEngine({
    shards,
    endpointKey,
    hostKeys: shards.hostKeys,
    onCredentialChange: credentials.onChange,
    config: config.ssh,
  });
  building.defer(() => ssh.close());
  const claims = createRemoteClaims({ link, instance, held, onShards, log });
  let worker: ReturnType<typeof createWorker> | undefined;
  const poller = createPoller({
    link,
    instance,
    version,
    held,
    credentials,
    free: () => config.concurrency - (worker?.stats().hosts ?? 0),
    onSettings(now) {
      settings = now;
    },
    onShards,
    onControl: (runId) => bus.publish(`control:${runId}`),
    log,
  });

  /** What was claimed and not begun is for others at once. */
  async function handBack(): Promise<void> {
    for (const { runId, hosts } of held.inboxes()) {
      const results = hosts.map(({ ordinal, attempt }) => ({ ordinal, attempt, state: 'pending' as const }));
      await link.call('worker.report', { instance, runId, results, want: 0 }, { signal: AbortSignal.timeout(2000) });
    }
  }

  const kept = building.move();
  return {
    publicKey: encodeKey(keyPair.publicKey),

    async admitted(signal, refused) {
      for (let told = false; ; told = true) {
        try {
          const answer = await link.call('worker.claim', { instance, version, want: 0, waitMs: 0 }, { signal });
          settings = answer.settings;
          return answer.settings;
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof OmError)) throw error;
          if (error.code !== 'NOT_ENROLLED')
            log.warn({ err: error.message }, 'the server does not answer; asking again');
          else if (!told) refused();
        }
        await pause(askEveryMs, signal);
      }
    },

    start({ leaseMs, outputCapBytes, runCapBytes }) {
      worker = createWorker({
        claims,
        queue,
        bus,
        engineFor: ssh.engineFor,
        limits: {
          capBytes: outputCapBytes,
          ...(runCapBytes === null ? {} : { runCapBytes }),
          diskIsLow: () => settingsNow().diskIsLow,
        },
        concurrency: config.concurrency,
        // The server gives it no other.
        zones: () => ({ except: [] }),
        leaseMs,
        onChange: () => {},
        log,
      });
      worker.start();
      poller.start();
    },

    stats: () => ({
      worker: worker?.stats() ?? { runs: 0, hosts: 0 },
      fleet: ssh.stats(),
      connected: link.connected,
    }),

    async close(budgetMs) {
      if (worker) await poller.stop();
      const stopping = worker?.stop(AbortSignal.timeout(budgetMs));
      await handBack().catch((error: unknown) => {
        log.warn({ err: String(error).slice(0, 500) }, 'hosts that were not begun wait for the end of their lease');
      });
      await stopping;
      await kept.disposeAsync();
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
