import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** When to cut: after so many more bytes in one direction have passed (0: before the next), or after some time. */
export type Cut = { direction: 'up' | 'down'; bytes: number } | { afterMs: number };

export interface CuttingProxy {
  port: number;
  readonly cuts: number;
  /** Cuts every connection of this moment, or the next one, as told; once. A new order replaces the last. */
  arm(cut: Cut): void;
  disarm(): void;
  stop(): Promise<void>;
}

/** A TCP proxy on loopback that cuts connections without a goodbye, in the middle of whatever passes. */
export async function startCuttingProxy(targetPort: number, ownPort = 0): Promise<CuttingProxy> {
  const pairs = new Set<() => void>();
  let order: Cut | undefined;
  let timer: NodeJS.Timeout | undefined;
  let cuts = 0;

  function cutAll(): void {
    clearTimeout(timer);
    order = undefined;
    cuts++;
    for (const end of [...pairs]) end();
  }

  /** What of this piece may pass; cuts when the order says so. */
  function pass(direction: 'up' | 'down', data: Buffer, to: Socket): void {
    if (!order || !('direction' in order) || order.direction !== direction || data.length < order.bytes) {
      if (order && 'direction' in order && order.direction === direction) order.bytes -= data.length;
      to.write(data);
      return;
    }
    // What is let through must leave before the end: a reset would throw it away.
    to.write(data.subarray(0, order.bytes), () => cutAll());
    order = undefined;
  }

  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const end = () => {
      pairs.delete(end);
      near.resetAndDestroy();
      far.destroy();
    };
    pairs.add(end);
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.on('data', (data) => pass('up', data, far));
    far.on('data', (data) => pass('down', data, near));
  });
  server.listen(ownPort, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    get cuts() {
      return cuts;
    },
    arm(cut) {
      clearTimeout(timer);
      order = { ...cut };
      if ('afterMs' in cut) timer = setTimeout(cutAll, cut.afterMs);
    },
    disarm() {
      clearTimeout(timer);
      order = undefined;
    },
    async stop() {
      clearTimeout(timer);
      for (const end of [...pairs]) end();
      server.close();
      await once(server, 'close');
    },
  };
}
