import { generateKeyPair } from '@omanager/secure-channel';
import { afterEach } from 'vitest';
import { type Client, type ClientOptions, createClient } from '../client.ts';
import { createTestServer, type TestServerOptions } from './testServer.ts';

export const keyPair = generateKeyPair();
const open = new Set<Client>();
afterEach(() => {
  for (const client of open) client.close();
  open.clear();
});

/** A client and the test server it talks to; closed after the test. */
export function pair(server: TestServerOptions, options: Partial<ClientOptions> = {}) {
  const fake = createTestServer(server);
  const { transport, serverPublicKey } = fake;
  const client = createClient({ transport, serverPublicKey, keyPair, backoff: { firstMs: 0, capMs: 0 }, ...options });
  open.add(client);
  return { fake, client };
}

export const info = { name: 'test', version: '1', time: '2026-01-01T00:00:00Z' };
export const whoami = {
  kind: 'user',
  userId: '01890000-0000-7000-8000-000000000001',
  userName: 'ada',
  role: 'admin',
  deviceId: null,
  sessionId: null,
  totp: false,
  permissions: [],
};
const chunk = (seq: number) => ({ seq, stream: 'stdout', at: info.time, data: 'YQ==' });
export const tailed = (seq: number, done: boolean) => ({ chunks: [chunk(seq)], done, cut: false, discardedBytes: 0 });
export const runId = '01890000-0000-7000-8000-000000000002';
export const afterOf = (params: unknown): number => Number((params as { after?: number } | undefined)?.after ?? 0);
