/** A zone worker in a process of its own that is real but for its engine: no host is there, states and lines are made. */

import type { KeyPair } from '@omanager/secure-channel';
import { v7 as uuid } from 'uuid';
import { createLocalBus } from '../../apps/server/src/bus/bus.ts';
import { createWorker } from '../../apps/server/src/features/runs/execute/worker.ts';
import { createLocalQueue } from '../../apps/server/src/queue/queue.ts';
import { createUsedCredentials } from '../../apps/server/src/worker/credentials.ts';
import { createHeldRuns, type Shard } from '../../apps/server/src/worker/heldRuns.ts';
import { createPoller } from '../../apps/server/src/worker/poller.ts';
import { createRemoteClaims } from '../../apps/server/src/worker/remoteClaims.ts';
import { createServerLink } from '../../apps/server/src/worker/serverLink.ts';
import { createUiEngine, type UiWork, type Wrote } from './uiEngine.ts';

export type UiWorkerRequest =
  | { kind: 'start'; port: number; serverPublicKey: Uint8Array; keyPair: KeyPair }
  | { kind: 'work'; work: UiWork }
  | { kind: 'wrote' };
export type UiWorkerReply = { kind: 'done' } | ({ kind: 'wrote' } & Wrote);

const concurrency = 600;
const version = '0.0.0-bench';
const double = createUiEngine();

process.on('disconnect', () => process.exit(0));
process.on('message', (request: UiWorkerRequest) => {
  void handle(request).then((reply) => process.send?.(reply));
});

async function handle(request: UiWorkerRequest): Promise<UiWorkerReply> {
  switch (request.kind) {
    case 'start':
      await start(request);
      return { kind: 'done' };
    case 'work':
      double.work(request.work);
      return { kind: 'done' };
    case 'wrote':
      return { kind: 'wrote', ...double.wrote() };
  }
}

async function start({ port, serverPublicKey, keyPair }: Extract<UiWorkerRequest, { kind: 'start' }>): Promise<void> {
  const say = (_details: object, message: string) => console.error(`worker: ${message}`);
  const log = { info: () => {}, warn: say, error: say };
  const servers = [{ host: '127.0.0.1', port, tls: false, serverPublicKey, code: null }];
  const link = createServerLink({ servers, keyPair, onRevoked: () => process.exit(1), log });
  const instance = uuid();
  const bus = createLocalBus();
  const queue = createLocalQueue();
  const held = createHeldRuns(() => {});
  const onShards = (claimed: readonly Shard[]) => {
    for (const shard of claimed) {
      held.add(shard);
      queue.wake(shard.runId, 'main');
    }
  };
  const claims = createRemoteClaims({ link, instance, held, onShards, log });
  const { settings } = await link.call('worker.claim', { instance, version, want: 0, waitMs: 0 });
  const worker = createWorker({
    claims,
    queue,
    bus,
    engineFor: async () => double.engine,
    limits: { capBytes: settings.outputCapBytes },
    concurrency,
    zones: () => ({ except: [] }),
    leaseMs: settings.leaseMs,
    onChange: () => {},
    log,
  });
  const poller = createPoller({
    link,
    instance,
    version,
    held,
    credentials: createUsedCredentials(),
    free: () => concurrency - worker.stats().hosts,
    onSettings: () => {},
    onShards,
    onControl: (runId) => bus.publish(`control:${runId}`),
    log,
  });
  worker.start();
  poller.start();
}
