import { Counter, Gauge, Histogram, Registry } from 'prom-client';

interface Sources {
  fleet(): { connections: number; idle: number; channels: number; connecting: number; waiting: number };
  worker(): { runs: number; hosts: number };
  connections(): number;
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
