import { type AgentKey, type AgentTrouble, agentTroubleSchema } from '@omanager/contract';

/** An agent that was just installed says its first word within a minute. */
const firstWordMs = 10 * 60_000;
const clockSeconds = 10;

/** Why somebody should look after the agent of a key, the worst first; none of a key that counts no more. */
export function troublesOf(
  { createdAt, lastSeenAt, revokedAt, agent }: Omit<AgentKey, 'troubles'>,
  { now, agentVersion }: { now: number; agentVersion: string },
): AgentTrouble[] {
  if (revokedAt !== null) return [];
  const is: Record<AgentTrouble, boolean> = {
    silent: agent !== null && agent.silentSince !== null,
    unheard: lastSeenAt === null && now - Date.parse(createdAt) > firstWordMs,
    lost: (agent?.lost ?? 0) > 0,
    outdated: agent?.version != null && isOlder(agent.version, agentVersion),
    clock: Math.abs(agent?.clockSeconds ?? 0) >= clockSeconds,
  };
  return agentTroubleSchema.options.filter((trouble) => is[trouble]);
}

/** Of versions like 1.10.2; what is none sorts as text. */
const isOlder = (version: string, than: string): boolean => version.localeCompare(than, 'en', { numeric: true }) < 0;
