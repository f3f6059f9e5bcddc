/** `/a/b` and `c` are `/a/b/c`. */
export const joined = (folder: string, name: string): string => `${folder === '/' ? '' : folder}/${name}`;

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Each folder on the way, the root first. */
export function crumbsOf(path: string): { name: string; path: string }[] {
  const names = path.split('/').filter((name) => name !== '');
  return [
    { name: '/', path: '/' },
    ...names.map((name, index) => ({ name, path: `/${names.slice(0, index + 1).join('/')}` })),
  ];
}

/** What a person typed, as the server takes it: no `//`, no `/` at the end, under this folder when it is no absolute path. */
export function typedPath(typed: string, folder: string): string {
  const parts: string[] = [];
  for (const part of (typed.startsWith('/') ? typed : `${folder}/${typed}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
