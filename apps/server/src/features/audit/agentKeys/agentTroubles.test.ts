import type { AgentKey } from '@omanager/contract';
import { expect, it } from 'vitest';
import { troublesOf } from './agentTroubles.ts';

const agentVersion = '1.10.1';
const at = Date.parse('2026-11-23T12:00:00Z');
const ago = (minutes: number) => new Date(at - minutes * 60_000).toISOString();
const said = {
  ...{ lastSeenAt: ago(1), heartbeatAt: ago(1), silentSince: null, version: agentVersion, address: '10.0.0.9' },
  ...{ lagMs: 900, clockSeconds: 2, waiting: 0, spoolKib: 4, spoolBoundKib: 65536, lost: 0 },
};
const key: Omit<AgentKey, 'troubles'> = {
  ...{ id: 'k', hostId: 'h', hostName: 'web1', createdAt: ago(600), firstSeenAt: ago(599), lastSeenAt: ago(1) },
  ...{ revokedAt: null, revokedFor: null, agent: said },
};

it.each([
  ['nothing to do', key, []],
  ['silent', { ...key, agent: { ...said, silentSince: ago(30) } }, ['silent']],
  ['older', { ...key, agent: { ...said, version: '1.9.12' } }, ['outdated']],
  ['far older', { ...key, agent: { ...said, version: '0.10.0' } }, ['outdated']],
  ['newer than this server knows', { ...key, agent: { ...said, version: '10.0.0' } }, []],
  ['no version told yet', { ...key, agent: { ...said, version: null } }, []],
  ['losing, and its clock behind', { ...key, agent: { ...said, lost: 3, clockSeconds: -10 } }, ['lost', 'clock']],
  ['just installed', { ...key, createdAt: ago(2), lastSeenAt: null, agent: null }, []],
  ['installed, and never heard', { ...key, lastSeenAt: null, agent: null }, ['unheard']],
  ['revoked', { ...key, revokedAt: ago(5), agent: { ...said, silentSince: ago(30), version: '1.0.0' } }, []],
])('%s', (_name, given, troubles) => {
  expect(troublesOf(given, { now: at, agentVersion })).toEqual(troubles);
});
