export function Timeline(_: { store: unknown; run: unknown; ordinal?: number }) {
  return null;
}
