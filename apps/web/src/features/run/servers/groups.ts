import type { HostRun } from '@omanager/contract';

/** Servers whose names differ only in the number at their end. */
export interface ServerGroup {
  readonly name: string;
  readonly ordinals: readonly number[];
}

const mostGroups = 60;

/** Groups in the order of the plan. Names that have little in common give one group without a name. */
export function groupsOf(hosts: Iterable<Pick<HostRun, 'ordinal' | 'name'>>): ServerGroup[] {
  const groups = new Map<string, number[]>();
  const all: number[] = [];
  for (const { ordinal, name } of hosts) {
    const stem = name.replace(/[-_.]?\d+$/, '') || name;
    const group = groups.get(stem);
    if (group) group.push(ordinal);
    else groups.set(stem, [ordinal]);
    all.push(ordinal);
  }
  if (groups.size > mostGroups || groups.size > all.length / 2) return [{ name: '', ordinals: all }];
  return [...groups].map(([name, ordinals]) => ({ name, ordinals }));
}
