import { OmError } from '@omanager/contract';
import type { HandlersOf } from '../../../rpc/handlers.ts';
import { findKey, revokeKeys } from './agentKeyStore.ts';
import { type AgentsOf, pageOfAgents } from './agentPages.ts';

export type AgentHandlers = HandlersOf<'agents.list' | 'agents.revoke'>;

export function createAgentHandlers(of: AgentsOf): AgentHandlers {
  return {
    'agents.list': (_call, asked) => pageOfAgents(of, asked),
    'agents.revoke': (call, { id }) =>
      call.commit(async (tx, note) => {
        note.object = `agent:${id}`;
        if (!(await findKey(tx, id))) throw new OmError('NOT_FOUND', 'There is no such key of an agent.');
        await revokeKeys(tx, { id }, { at: Date.now(), why: 'operator' });
        return { ok: true } as const;
      }),
  };
}
