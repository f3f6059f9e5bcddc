import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/** Distinct loopback addresses 127.x.y.z, in a range that no other part of the lab uses. */
export function loopbackAddresses(count: number, range = 77): string[] {
  return Array.from({ length: count }, (_, index) => `127.${range}.${Math.floor(index / 250)}.${(index % 250) + 1}`);
}
