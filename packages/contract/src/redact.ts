export const redacted = '••••';

/** A copy of `value` with the dotted `paths` replaced by ••••; `*` stands for any key. */
export function redact(value: unknown, paths: readonly string[]): unknown {
  return paths.reduce<unknown>((copy, path) => redactPath(copy, path.split('.')), value);
}

function redactPath(value: unknown, path: readonly string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value === undefined ? undefined : redacted;
  if (Array.isArray(value))
    return value.map((item, i) => (head === '*' || head === String(i) ? redactPath(item, rest) : item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, head === '*' || head === key ? redactPath(item, rest) : item]),
  );
}
