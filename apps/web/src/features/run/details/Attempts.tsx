export function Attempts(_: { store: unknown; run: unknown; ordinal?: number }) {
  return null;
}
