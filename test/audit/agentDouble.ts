import { createHmac, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { createAgentKeys } from '../../apps/server/src/features/audit/agentKeys/agentKeys.ts';
import { loadSealer } from '../../apps/server/src/features/vault/index.ts';
import type { TestServer } from '../lab/server.ts';

/** An agent's forwarder in a few lines: signs and sends batches for a host of the registry. */
export interface AgentDouble {
  hostId: string;
  /** What the server answers to records from this sequence on; throws when it does not answer. */
  send(first: number, lines: readonly string[]): Promise<{ status: number; body: { next?: number; code?: string } }>;
}

/** Gives the host a key, as an install would. `database` as the server has it. */
export async function createAgentDouble(server: TestServer, hostId: string, database?: string): Promise<AgentDouble> {
  const db = openDatabase(
    database === undefined
      ? { kind: 'sqlite', file: join(server.dataDir, 'omserver.db') }
      : { kind: 'mysql', url: database, verifyTls: false },
  );
  try {
    const sealer = await loadSealer({ db, file: join(server.dataDir, 'master.key') });
    const { id: keyId, key } = await createAgentKeys({ db, sealer }).issue(hostId);
    const boot = randomUUID();
    return {
      hostId,
      async send(first, lines) {
        const body = Buffer.from(lines.join(''));
        const fields = [hostId, keyId, String(Math.floor(Date.now() / 1000)), boot, String(first)];
        const [host = '', , time = ''] = fields;
        const hmac = createHmac('sha256', key)
          .update(`om-audit-v1\n${fields.join('\n')}\n`)
          .update(body);
        const answer = await fetch(`${server.url}/audit/v1/events`, {
          method: 'POST',
          headers: {
            'content-type': 'text/tab-separated-values; charset=utf-8',
            ...{ 'om-host': host, 'om-key': keyId, 'om-time': time, 'om-boot': boot, 'om-first': String(first) },
            'om-signature': `v1=${hmac.digest('hex')}`,
          },
          body,
        });
        return { status: answer.status, body: JSON.parse(await answer.text()) };
      },
    };
  } finally {
    await db.close();
  }
}
