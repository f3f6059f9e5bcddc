/** What is used of a better-sqlite3 connection. */
export interface Preparing {
  prepare(sql: string): unknown;
}

const maxStatements = 300;
/** Longer ones hold lists and come in as many lengths. */
const maxLength = 2000;
const changesSchema = /^\s*(alter|create|drop)\b/i;

/**
 * Lets SQLite read each statement once: knex prepares anew for every query, which takes it as long as many of them take
 * to run. Bounded; the least recently used goes first. Columns that a statement knows are those of when it was
 * prepared, so a change of the schema forgets all.
 */
export function cacheStatements(connection: Preparing): void {
  const prepare = connection.prepare.bind(connection);
  const known = new Map<string, unknown>();
  connection.prepare = (sql) => {
    if (changesSchema.test(sql)) known.clear();
    const statement = known.get(sql) ?? prepare(sql);
    if (sql.length > maxLength || changesSchema.test(sql)) return statement;
    known.delete(sql);
    known.set(sql, statement);
    const [oldest] = known.keys();
    if (known.size > maxStatements && oldest !== undefined) known.delete(oldest);
    return statement;
  };
}
