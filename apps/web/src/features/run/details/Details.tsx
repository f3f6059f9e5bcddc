export function Details(_: { store: unknown; run: unknown; ordinal?: number }) {
  return null;
}
