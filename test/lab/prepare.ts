import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isRoot, lack, type Part, type PartName, parts } from './have.ts';
import { sweepUsers } from './users.ts';
import { sweepWorkspaces } from './workspace.ts';

/** Runs before the tests: installs the real parts they use where it may, says what is missing where it may not. Never fails. */
async function prepare(): Promise<void> {
  if (isRoot) {
    const removed = [...sweepWorkspaces(), ...(await sweepUsers())];
    if (removed.length > 0) console.log(`lab: removed leftovers of an interrupted test run: ${removed.join(', ')}`);
    const wanted = missingPackages();
    if (wanted.length > 0) install(wanted);
  }
  report();
}

const names = Object.keys(parts).filter((name): name is PartName => name in parts);

function missingPackages(): string[] {
  const missing = names.filter((name) => lack(name)?.includes('not installed')).map((name): Part => parts[name]);
  return [...new Set(missing.flatMap((part) => (part.with ? [part.package, part.with] : [part.package])))];
}

function install(packages: string[]): void {
  if (!existsSync('/usr/bin/apt-get')) {
    console.log(`lab: there is no apt-get here; please install what corresponds to: ${packages.join(' ')}`);
    return;
  }
  console.log(`lab: installing ${packages.join(' ')} (real parts for the tests) …`);
  const attempt = () => {
    // A package that is unknown here must not keep the others away.
    const known = packages.filter((name) => apt('/usr/bin/apt-cache', ['show', '--no-all-versions', name]));
    return known.length > 0 && apt('/usr/bin/apt-get', ['install', '-y', '--no-install-recommends', ...known]);
  };
  if (attempt() && missingPackages().length === 0) return;
  apt('/usr/bin/apt-get', ['update']);
  if (!attempt()) console.log(`lab: apt-get could not install everything; try: apt-get install ${packages.join(' ')}`);
}

/** Servers that a package would start at once are held back: the lab starts its own. */
function apt(command: string, args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return spawnSync(command, args, { env, stdio: ['ignore', 'ignore', 'ignore'], timeout: 240_000 }).status === 0;
}

function report(): void {
  for (const name of names) {
    const reason = lack(name);
    if (reason) console.log(`lab: skipped for it: ${parts[name].tests}, because ${reason}`);
  }
}

await prepare();
