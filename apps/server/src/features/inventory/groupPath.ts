/** Group paths are stored with a closing `/`: then one range of keys is a group and all below it, in tree order. */
export function pathKey(path: string): string {
  return `${path}/`;
}

export function pathOf(key: string): string {
  return key.slice(0, -1);
}

/** The path itself and every group above it, outermost first. */
export function withAncestors(path: string): string[] {
  const names = path.split('/');
  return names.map((_, i) => names.slice(0, i + 1).join('/'));
}
