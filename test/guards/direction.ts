import type { Guard, Verdict } from './guard.ts';
import { house, type Place } from './house.ts';
import { type Import, importsOf } from './imports.ts';
import { isTest, type Repo, workspaceOf } from './repo.ts';

/** Who may import whom: `house` says it, whatever it does not list is refused. */
export const direction: Guard = {
  name: 'import direction (test/guards/house.ts)',
  atLeast: 500,
  what: 'imports of ours',
  look: (repo) => checkDirection(repo, house),
};

export function checkDirection(repo: Repo, places: Readonly<Record<string, Place>>): Verdict {
  const names = Object.keys(places).toSorted((a, b) => b.length - a.length);
  const placeOf = (path: string) => {
    const subject = path.replace(/\.test\.ts$/, '.ts');
    return names.find((name) => subject === name || path.startsWith(`${name}/`));
  };
  const ours = importsOf(repo).flatMap((one) => (one.file === undefined ? [] : [{ ...one, to: one.file }]));
  const problems = new Set<string>();

  for (const path of repo.keys()) {
    if (/\.tsx?$/.test(path) && !placeOf(path)) problems.add(`${path}: is in no place of the house; list it`);
  }
  for (const { from, to, line, typeOnly, pkg } of ours) {
    const [here, there] = [placeOf(from), placeOf(to)];
    if (pkg === undefined && !isTest(from) && isWayAround(from, to))
      problems.add(`${from}:${line}: reaches into ${workspaceOf(to) || 'the root'}; import it by its name`);
    if (here === undefined || here === there) continue;
    if (there === undefined) problems.add(`${from}:${line}: ${to} is in no place of the house; list it`);
    else if (!isAllowed(from, here, to, typeOnly)) {
      const only = isAllowed(from, here, to, true) ? ', only its types' : '';
      problems.add(`${from}:${line}: ${here} may not import ${to}${only}`);
    }
  }
  return { looked: ours.length, problems: [...problems] };

  function isAllowed(from: string, here: string, to: string, typeOnly: boolean): boolean {
    const place = places[here];
    const may = (list: readonly string[]) => list.some((name) => to === name || to.startsWith(`${name}/`));
    if (may(place?.may ?? [])) return true;
    if (typeOnly && may(Object.keys(place?.types ?? {}))) return true;
    // A test beside the code may use everything of its own workspace, and the lab's real parts.
    return isTest(from) && may([workspaceOf(from) || 'test', 'test/lab']);
  }
}

/** A path from one workspace into another goes past the door of its index.ts. The migrations have none: they are no workspace. */
function isWayAround(from: string, to: string): boolean {
  return workspaceOf(from) !== workspaceOf(to) && !to.startsWith('migrations/');
}

/** Files that import each other in a circle, types included: neither can be understood without the other. */
export const cycles: Guard = {
  name: 'no import cycles',
  atLeast: 150,
  what: 'files with imports',
  look: (repo) => checkCycles(importsOf(repo)),
};

export function checkCycles(imports: readonly Import[]): Verdict {
  const next = new Map<string, Set<string>>();
  for (const { from, file, apart } of imports) {
    const known = next.get(from) ?? new Set();
    next.set(from, file !== undefined && !apart ? known.add(file) : known);
  }
  const done = new Set<string>();
  const problems: string[] = [];
  for (const start of next.keys()) visit(start, []);
  return { looked: next.size, problems };

  function visit(file: string, path: readonly string[]): void {
    const at = path.indexOf(file);
    if (at >= 0) problems.push([...path.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  }
}
