import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import type { ZoneWorkerProcess } from './index.ts';

/** Serves GET /metrics of a worker on this port of loopback, 0 for a free one. */
export async function serveMetrics(
  port: number,
  stats: ZoneWorkerProcess['stats'],
): Promise<{ port: number; close(): void }> {
  const registry = new Registry();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('om_worker_connected', 'Whether a server can be reached', () => (stats().connected ? 1 : 0));
  gauge('om_worker_runs', 'Runs this process works on', () => stats().worker.runs);
  gauge('om_worker_hosts', 'Servers this process works on', () => stats().worker.hosts);
  gauge('om_ssh_connections', 'Open SSH connections', () => stats().fleet.connections);
  gauge('om_ssh_idle', 'SSH connections kept for reuse', () => stats().fleet.idle);
  gauge('om_ssh_channels', 'Open SSH channels', () => stats().fleet.channels);
  gauge('om_ssh_waiting', 'Callers that wait for an SSH connection or channel', () => stats().fleet.waiting);
  gauge('om_memory_bytes', 'Resident memory of the process', () => process.memoryUsage.rss());
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return response.writeHead(404).end();
    void registry.metrics().then((text) => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server that listens has such an address.
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
