import { type FileEntry, isLost } from '@omanager/contract';

export type SortKey = 'name' | 'size' | 'changed';
export interface Sorting {
  readonly key: SortKey;
  readonly down: boolean;
}

/** A folder, or a link that leads to one. */
export const isFolder = ({ kind, leadsTo }: FileEntry): boolean => kind === 'directory' || leadsTo === 'directory';
export const isFile = ({ kind, leadsTo }: FileEntry): boolean => kind === 'file' || leadsTo === 'file';
/** Nobody can ask for it: its name is no UTF-8. */
export const isNameless = ({ name }: FileEntry): boolean => isLost(name);

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function compare(a: FileEntry, b: FileEntry, key: SortKey): number {
  switch (key) {
    case 'name':
      return collator.compare(a.name, b.name);
    case 'size':
      return a.size - b.size;
    case 'changed':
      return Date.parse(a.modifiedAt) - Date.parse(b.modifiedAt);
  }
}

/** What is shown of a folder: folders first, as it is sorted; hidden ones only when asked for. */
export function rowsOf(
  items: readonly FileEntry[],
  { key, down }: Sorting,
  { find, hidden }: { find: string; hidden: boolean },
): FileEntry[] {
  const wanted = find.toLowerCase();
  return items
    .filter(({ name }) => (hidden || !name.startsWith('.')) && name.toLowerCase().includes(wanted))
    .sort(
      (a, b) =>
        Number(isFolder(b)) - Number(isFolder(a)) ||
        (down ? -1 : 1) * compare(a, b, key) ||
        collator.compare(a.name, b.name),
    );
}
