import { z } from 'zod';
import type { Database } from '../../db/database.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const variablesSchema = z.array(z.object({ name: z.string(), value: z.string() }));
const mib = 1024 * 1024;

/** Whether MySQL or MariaDB keeps what it has acknowledged, and means what we mean. */
export async function checkMysql(db: Database): Promise<Finding[]> {
  const [rows] = await db.knex.raw('show variables');
  const list = variablesSchema.parse(
    rows.map((row: { Variable_name: string; Value: string }) => ({ name: row.Variable_name, value: row.Value })),
  );
  const variables = new Map(list.map(({ name, value }) => [name.toLowerCase(), value]));
  return [
    ok('database', `${variables.get('version') ?? 'MySQL'} answers`),
    ...durability(variables),
    ...capacity(variables),
    ...(await collation(db)),
    await clock(db),
  ];
}

type Variables = ReadonlyMap<string, string>;

function durability(variables: Variables): Finding[] {
  const flush = variables.get('innodb_flush_log_at_trx_commit');
  const findings: Finding[] = [];
  const mend = 'set innodb_flush_log_at_trx_commit = 1 in its configuration';
  if (flush === '1') findings.push(ok('durability', 'every commit is on disk before it is acknowledged'));
  else if (flush === '2') {
    const message = 'innodb_flush_log_at_trx_commit is 2: a power loss can take the last second of acknowledged runs';
    findings.push(warning('durability', message, mend));
  } else {
    const message = `innodb_flush_log_at_trx_commit is ${flush}: a crash of the database loses acknowledged runs`;
    findings.push(problem('durability', message, mend));
  }
  if (variables.get('innodb_doublewrite') === 'OFF') {
    findings.push(warning('durability', 'innodb_doublewrite is OFF: a power loss can tear pages', 'switch it on'));
  }
  if (variables.get('log_bin') === 'ON') {
    if (variables.get('sync_binlog') !== '1') {
      const message = `sync_binlog is ${variables.get('sync_binlog')}: after a power loss replicas may differ`;
      findings.push(warning('durability', message, 'set sync_binlog = 1'));
    }
    if (variables.get('binlog_format') === 'STATEMENT') {
      const message = 'binlog_format is STATEMENT, which refuses the READ COMMITTED transactions of OMServer';
      findings.push(problem('isolation', message, 'set binlog_format = ROW'));
    }
  }
  return findings;
}

function capacity(variables: Variables): Finding[] {
  const packet = Number(variables.get('max_allowed_packet') ?? 0);
  if (packet >= 16 * mib) return [ok('packets', `max_allowed_packet is ${packet / mib} MiB`)];
  const message = `max_allowed_packet is ${(packet / mib).toFixed(1)} MiB: large outputs and files will fail`;
  return [problem('packets', message, 'set max_allowed_packet = 16M or more')];
}

async function collation(db: Database): Promise<Finding[]> {
  const [rows] = await db.knex.raw(
    "select table_name as name, table_collation as collation, engine as engine from information_schema.tables where table_schema = database() and table_type = 'BASE TABLE' and table_name not like 'knex%'",
  );
  const tables = z.array(z.object({ name: z.string(), collation: z.string(), engine: z.string() })).parse(rows);
  const wrong = tables.filter(({ collation, engine }) => collation !== 'utf8mb4_bin' || engine !== 'InnoDB');
  if (wrong.length === 0) return tables.length === 0 ? [] : [ok('tables', 'InnoDB, names and ids compare bytes')];
  const message = `not InnoDB with utf8mb4_bin: ${wrong.map(({ name }) => name).join(', ')}`;
  return [
    problem(
      'tables',
      message,
      'alter table NAME engine = InnoDB, convert to character set utf8mb4 collate utf8mb4_bin',
    ),
  ];
}

async function clock(db: Database): Promise<Finding> {
  const before = Date.now();
  const theirs = await db.now(db.knex);
  const after = Date.now();
  const skewMs = Math.max(0, before - theirs, theirs - after);
  const message = `the clocks of this machine and of the database differ by ${(skewMs / 1000).toFixed(1)} s`;
  const mend = 'run a time service (chrony, systemd-timesyncd) on both';
  if (skewMs > 60_000) return problem('clock', message, mend);
  return skewMs > 2000 ? warning('clock', message, mend) : ok('clock', message);
}
