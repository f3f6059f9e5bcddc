import type { FileKind } from './models/files.ts';

const kinds: Readonly<Record<FileKind, string>> = { file: '-', directory: 'd', symlink: 'l', other: '?' };

/** As `ls -l` writes it: `drwxr-xr-x`, with s, S, t and T. */
export function modeText(kind: FileKind, mode: number): string {
  const special = [0o4000, 0o2000, 0o1000].map((bit) => (mode & bit) !== 0);
  const triples = [6, 3, 0].map((shift, index) => {
    const bits = (mode >> shift) & 7;
    const runs = (bits & 1) !== 0;
    const letter = index === 2 ? 't' : 's';
    const last = special[index] ? (runs ? letter : letter.toUpperCase()) : runs ? 'x' : '-';
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`;
  });
  return kinds[kind] + triples.join('');
}
