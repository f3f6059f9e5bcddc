import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Of one place that checkpoints go to. */
interface CheckpointTarget {
  kind: string;
  behind: number;
  sent: { at: string } | null;
  failure: object | null;
}

interface Sources {
  fleet(): { connections: number; idle: number; channels: number; connecting: number; waiting: number };
  worker(): { runs: number; hosts: number };
  connections(): number;
  checkpoints(): Promise<CheckpointTarget[]>;
  store: { bytes(): Promise<number>; runsRemoved(): number };
  output: { discarded(): ReadonlyMap<string, number>; diskIsLow(): boolean };
  queue: {
    stats(): Promise<{ lane: string; waiting: number }[]>;
    counts(): { connected: boolean; sent: number; dropped: number; taken: number };
  };
}

/** What GET /metrics shows, in the Prometheus text format. Gauges read their source when asked. */
export function createMetrics(sources: Sources) {
  const registry = new Registry();
  const registers = [registry];
  const calls = new Counter({
    name: 'om_calls_total',
    help: 'Calls by method and outcome',
    labelNames: ['method', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'om_call_seconds',
    help: 'Time to answer a call',
    labelNames: ['method'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('om_client_connections', 'Sealed connections of clients', () => sources.connections());
  gauge('om_worker_runs', 'Runs this process works on', () => sources.worker().runs);
  gauge('om_worker_hosts', 'Servers this process works on', () => sources.worker().hosts);
  new Gauge({
    name: 'om_queue_waiting',
    help: 'Runs that wait for a worker with room',
    labelNames: ['lane'],
    registers,
    async collect() {
      this.reset();
      for (const { lane, waiting } of await sources.queue.stats()) this.set({ lane }, waiting);
    },
  });
  gauge('om_queue_connected', 'Whether the queue can be reached', () => Number(sources.queue.counts().connected));
  new Counter({
    name: 'om_queue_wakes_total',
    help: 'Wake-ups by outcome; a sweep makes up for dropped ones',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { sent, dropped } = sources.queue.counts();
      this.reset();
      this.inc({ outcome: 'sent' }, sent);
      this.inc({ outcome: 'dropped' }, dropped);
    },
  });
  new Counter({
    name: 'om_queue_takes_total',
    help: 'Wake-ups this process took',
    registers,
    collect() {
      this.reset();
      this.inc(sources.queue.counts().taken);
    },
  });
  new Gauge({
    name: 'om_store_bytes',
    help: 'Size of the database on disk',
    registers,
    async collect() {
      // A scrape while the database is away still shows everything else.
      const bytes = await sources.store.bytes().catch(() => null);
      if (bytes === null) this.remove();
      else this.set(bytes);
    },
  });
  addCheckpointMetrics(registry, sources.checkpoints);
  new Counter({
    name: 'om_retention_runs_removed_total',
    help: 'Finished runs that this process removed because of their age',
    registers,
    collect() {
      this.reset();
      this.inc(sources.store.runsRemoved());
    },
  });
  new Counter({
    name: 'om_output_discarded_bytes_total',
    help: 'Output of servers that was read and thrown away, by reason',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, bytes] of sources.output.discarded()) this.inc({ reason }, bytes);
    },
  });
  gauge('om_output_disk_low', 'Whether output is thrown away because the disk is nearly full', () =>
    Number(sources.output.diskIsLow()),
  );
  gauge('om_ssh_connections', 'Open SSH connections', () => sources.fleet().connections);
  gauge('om_ssh_idle', 'SSH connections kept for reuse', () => sources.fleet().idle);
  gauge('om_ssh_channels', 'Open SSH channels', () => sources.fleet().channels);
  gauge('om_ssh_waiting', 'Callers that wait for an SSH connection or channel', () => sources.fleet().waiting);
  gauge('om_memory_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
  return {
    observeCall(method: string, outcome: string, took: number) {
      calls.inc({ method, outcome });
      seconds.observe({ method }, took);
    },
    text: () => registry.metrics(),
  };
}

/** What they show lies in the database: it is the same whichever process seals. */
function addCheckpointMetrics(registry: Registry, read: Sources['checkpoints']): void {
  const gauge = (name: string, help: string, of: (target: CheckpointTarget) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ['target'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const target of await read().catch(() => [])) {
          const value = of(target);
          if (value !== null) this.set({ target: target.kind }, value);
        }
      },
    });
  gauge('om_checkpoint_failing', 'Whether the last checkpoint did not leave for this target', ({ failure }) =>
    Number(failure !== null),
  );
  gauge('om_checkpoint_behind', 'Checkpoints made since this target took one', ({ behind }) => behind);
  gauge('om_checkpoint_sent_seconds', 'When this target last took a checkpoint, in UNIX seconds', ({ sent }) =>
    sent === null ? null : Date.parse(sent.at) / 1000,
  );
}
