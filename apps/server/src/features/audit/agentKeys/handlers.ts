import { OmError } from '@omanager/contract';
import type { Database } from '../../../db/database.ts';
import type { HandlersOf } from '../../../rpc/handlers.ts';
import type { DescribeHosts } from '../rules/matcher.ts';
import { findKey, revokeKeys } from './agentKeyStore.ts';
import { pageOfAgents } from './agentPages.ts';

export type AgentHandlers = HandlersOf<'agents.list' | 'agents.revoke'>;

export function createAgentHandlers(db: Database, describe: DescribeHosts): AgentHandlers {
  return {
    'agents.list': (_call, asked) => pageOfAgents(db, describe, asked),
    'agents.revoke': (call, { id }) =>
      call.commit(async (tx, note) => {
        note.object = `agent:${id}`;
        if (!(await findKey(tx, id))) throw new OmError('NOT_FOUND', 'There is no such key of an agent.');
        await revokeKeys(tx, { id }, { at: Date.now(), why: 'operator' });
        return { ok: true } as const;
      }),
  };
}
