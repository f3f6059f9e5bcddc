import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '../../apps/server/src/db/database.ts';
import { createAgentKeys } from '../../apps/server/src/features/audit/agentKeys/agentKeys.ts';
import { createCommandWriter } from '../../apps/server/src/features/audit/commands/commandWriter.ts';
import { type CheckClaims, createAgentBatches } from '../../apps/server/src/features/audit/ingest/agentBatches.ts';
import type { Refusal } from '../../apps/server/src/features/audit/ingest/refusals.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';

export const commandTables = [
  'command_events',
  'command_batches',
  'agent_streams',
  'agent_sessions',
  'agent_keys',
] as const;

/** One line of a batch. */
export function recordLine(
  text: string,
  more: Partial<Record<'kind' | 'time' | 'user' | 'run' | 'exit' | 'session' | 'number', string>> = {},
): string {
  const { kind = 'command', time = String(Date.now()), user = 'ada', run = '', exit = '0', session = '77-1' } = more;
  const { number = '1' } = more;
  const fields = [
    kind,
    time,
    '1000',
    user,
    user,
    user,
    'pts/0',
    session,
    number,
    '10.0.0.9',
    '/home/ada',
    exit,
    'bash',
    run,
    text,
  ];
  return `${fields.join('\t')}\n`;
}

/** A server's end and an agent's end of the signed batches, on a real store. */
export async function createIntakeRig(
  db: Database,
  { checkClaims = async () => new Map(), now = Date.now }: { checkClaims?: CheckClaims; now?: () => number } = {},
) {
  const keys = createAgentKeys({ db, sealer: createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]) });
  const writer = createCommandWriter({ db, written() {} });
  const refusals: Refusal[] = [];
  const batches = createAgentBatches({
    ...{ keys, writer, checkClaims, now },
    hostName: async (id) => (id === gone ? undefined : `host-${id.slice(0, 8)}`),
    refused: (refusal) => void refusals.push(refusal),
    log: { error() {} },
  });

  async function agent(hostId: string = randomUUID()) {
    const { id: keyId, key } = await keys.issue(hostId);
    const headersOf = (body: Buffer, given: Partial<Record<string, string>> = {}) => {
      const time = String(Math.floor(now() / 1000));
      const fields = {
        'om-host': hostId,
        'om-key': keyId,
        'om-time': time,
        'om-boot': boot,
        'om-first': '1',
        ...given,
      };
      const lines = ['om-host', 'om-key', 'om-time', 'om-boot', 'om-first'].map((name) => fields[name as 'om-host']);
      const hmac = createHmac('sha256', key)
        .update(`om-audit-v1\n${lines.join('\n')}\n`)
        .update(body)
        .digest('hex');
      return { 'om-signature': `v1=${hmac}`, ...fields, ...given };
    };
    const boot = randomUUID();
    return {
      ...{ hostId, keyId, key, boot, headersOf },
      /** What the server answers to these lines, from this sequence on. */
      send: (first: number, lines: string[], given: Partial<Record<string, string>> = {}) => {
        const body = Buffer.from(lines.join(''));
        return post(headersOf(body, { 'om-first': String(first), ...given }), body);
      },
    };
  }

  async function post(headers: Record<string, string | undefined>, body: Buffer) {
    const admitted = await batches.admit(headers, '192.0.2.1');
    if ('status' in admitted) return admitted;
    try {
      return await admitted.take(body);
    } finally {
      admitted.done();
    }
  }
  return { keys, writer, refusals, agent, post };
}

/** A server that the registry has no more. */
export const gone = '00000000-0000-4000-8000-000000000000';
