import type { HostTree } from '@omanager/contract';

/** A line of the tree of servers: everything, an environment, or a group within one. */
export interface TreeNode {
  readonly key: string;
  readonly environment: string | null;
  readonly group: string | null;
  /** Null: the tree's own words stand there. */
  readonly name: string | null;
  readonly level: number;
  readonly hosts: number;
  readonly children: readonly TreeNode[];
}

/**
 * Everything, then environments, then the groups that have servers there. Groups without any server come last, below
 * everything, so that they can be found, filled and removed.
 */
export function buildTree({ total, environments }: HostTree, allGroups: readonly string[]): TreeNode {
  const used = new Set(environments.flatMap(({ groups }) => groups.map(({ path }) => path)));
  const empty = allGroups.filter((path) => !used.has(path)).map((path) => ({ path, hosts: 0 }));
  return {
    key: '',
    environment: null,
    group: null,
    name: null,
    level: 1,
    hosts: total,
    children: [
      ...environments.map(({ name, hosts, groups }) => ({
        key: `env:${name}`,
        environment: name,
        group: null,
        name,
        level: 2,
        hosts,
        children: nest(groups, name, 3),
      })),
      ...nest(empty, null, 2),
    ],
  };
}

interface Counted {
  readonly path: string;
  readonly hosts: number;
}

/** Paths come sorted or not; one whose parent is not among them stands at the top with its whole path. */
function nest(groups: readonly Counted[], environment: string | null, level: number): TreeNode[] {
  const paths = new Set(groups.map(({ path }) => path));
  const byParent = Map.groupBy(groups, ({ path }) => {
    const above = parentOf(path);
    return above !== null && paths.has(above) ? above : '';
  });
  const below = (parent: string, at: number): TreeNode[] =>
    (byParent.get(parent) ?? [])
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, hosts }) => ({
        key: `${environment ?? ''}|${path}`,
        environment,
        group: path,
        name: parent === '' ? path : path.slice(parent.length + 1),
        level: at,
        hosts,
        children: below(path, at + 1),
      }));
  return below('', level);
}

function parentOf(path: string): string | null {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? null : path.slice(0, slash);
}

/** The lines that are seen, in their order. */
export function visibleNodes(node: TreeNode, isOpen: (key: string) => boolean): TreeNode[] {
  return [node, ...(isOpen(node.key) ? node.children.flatMap((child) => visibleNodes(child, isOpen)) : [])];
}
