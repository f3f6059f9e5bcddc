import type { QueryName } from '@omanager/contract';
import { useAnswer } from '../../data/calls.ts';

/** Paths of all categories; the first thousand are as many as a tree can show. */
export function useGroups(): readonly string[] {
  return useAnswer('groups.list', { limit: 1000 }).data?.items.map(({ path }) => path) ?? [];
}

/** What is old once servers, categories or zones have changed. */
export const afterChange: readonly QueryName[] = [
  'hosts.table',
  'hosts.summary',
  'hosts.tree',
  'hosts.get',
  'groups.list',
  'zones.list',
  'hostKeys.list',
];
