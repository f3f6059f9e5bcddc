export function LogPage(_: { store: unknown; run: unknown; ordinal: number }) {
  return null;
}
