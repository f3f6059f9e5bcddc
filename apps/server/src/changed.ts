/** What an act changed, for its audit event: the fields that differ, as they were and as they are. */
export function changed<T extends object>(was: T | null, is: T): { before?: object; after: object } {
  if (was === null) return { after: is };
  const before: [string, unknown][] = Object.entries(was);
  const after: [string, unknown][] = Object.entries(is);
  const known = new Map(before.map(([name, value]) => [name, JSON.stringify(value)]));
  const names = new Set(
    after.filter(([name, value]) => known.get(name) !== JSON.stringify(value)).map(([name]) => name),
  );
  const of = (fields: [string, unknown][]) => Object.fromEntries(fields.filter(([name]) => names.has(name)));
  return { before: of(before), after: of(after) };
}
