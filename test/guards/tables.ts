import type { Guard, Verdict } from './guard.ts';
import { isTest, lineAt, type Repo, sourcesOf } from './repo.ts';

const source = 'apps/server/src/';

/** Whose tables are whose, below apps/server/src: nobody else says their names. */
const owners: Readonly<Record<string, readonly string[]>> = {
  'features/access': ['users', 'devices', 'sessions', 'invites', 'tokens', 'access_epoch', 'user_settings'],
  'features/audit': [
    'action_events',
    'ledger_keys',
    'ledger_blocks',
    'checkpoint_targets',
    'agent_keys',
    'agent_streams',
    'agent_sessions',
    'command_batches',
    'command_events',
    'alert_rules',
    'alert_queue',
    'alerts',
    'alert_targets',
    'alert_outbox',
    'command_activity',
  ],
  'features/vault': ['credentials'],
  'features/inventory': [
    'zones',
    'zone_jump_hosts',
    'hosts',
    'host_labels',
    'host_groups',
    'host_group_members',
    'host_group_tree',
    'host_keys',
    'inventory_locks',
    'server_sets',
  ],
  'features/modules': ['module_versions', 'ui_modules', 'ui_module_versions', 'ui_module_drafts'],
  'features/runs': [
    'plans',
    'plan_hosts',
    'runs',
    'run_numbers',
    'run_hosts',
    'run_attempts',
    'run_output',
    'run_late_results',
    'run_removals',
  ],
  'features/workers': ['workers'],
  'features/terminal': ['recordings', 'recording_chunks'],
  'rpc/calls.ts': ['calls'],
  'db/leases.ts': ['leases'],
};

/** Files that may name a table of somebody else, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'features/vault/sealedColumns.ts': 'a new master key seals every sealed column of the database anew',
  'backup/loadBackup.ts': 'a backup holds every table; here are those that a fresh schema fills itself',
};

export const tables: Guard = {
  name: 'tables are touched by their own feature only',
  atLeast: 60,
  what: 'mentions of tables',
  look: (repo) => checkTables(repo, owners, exceptions),
};

export function checkTables(
  repo: Repo,
  owned: Readonly<Record<string, readonly string[]>>,
  allowed: Readonly<Record<string, string>>,
): Verdict {
  const ownerOf = new Map(Object.entries(owned).flatMap(([owner, names]) => names.map((name) => [name, owner])));
  const problems = compareWithMigrations(repo, [...ownerOf.keys()]);
  const any = [...ownerOf.keys()].join('|');
  // A table is named as a whole string (with an alias perhaps), or inside SQL.
  const mention = new RegExp(
    `(?<!\\[)['"](?<whole>${any})(?: as \\w+)?['"]|\\b(?:from|join|into|update) (?<inSql>${any})\\b`,
    'g',
  );
  let looked = 0;
  for (const [path, text] of sourcesOf(repo)) {
    if (!path.startsWith(source) || isTest(path)) continue;
    const place = path.slice(source.length);
    for (const { index, groups } of withoutComments(text).matchAll(mention)) {
      looked++;
      const name = groups?.whole ?? groups?.inSql ?? '';
      const owner = ownerOf.get(name) ?? '';
      if (place === owner || place.startsWith(`${owner}/`) || allowed[place] !== undefined) continue;
      problems.push(`${path}:${lineAt(text, index)}: the table ${name} belongs to ${owner}; ask it instead`);
    }
  }
  return { looked, problems };
}

function compareWithMigrations(repo: Repo, known: readonly string[]): string[] {
  const made = [...repo]
    .filter(([path]) => path.startsWith('migrations/'))
    .flatMap(([, text]) => [...text.matchAll(/^ {2}await table\(db, '(\w+)'/gm)].map(([, name]) => name ?? ''));
  return [
    ...made.filter((name) => !known.includes(name)).map((name) => `migrations: the table ${name} has no owner`),
    ...known.filter((name) => !made.includes(name)).map((name) => `no migration makes the table ${name}`),
  ];
}

/** The same length and lines, comments blanked. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '));
}
