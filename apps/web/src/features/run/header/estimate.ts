/** So many servers, and this share of all, tell how fast the others will be. */
const enough = { servers: 5, share: 0.2 };

export interface Pace {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** How long such runs take as a rule. */
  readonly typicalMs: number | null;
}

/** How long the run will probably take in all, and what tells so; null where nothing does. */
export function estimateOf({ done, total, elapsedMs, typicalMs }: Pace): { ms: number; by: 'pace' | 'past' } | null {
  if (done >= total || elapsedMs <= 0) return null;
  const pace = { ms: (elapsedMs * total) / done, by: 'pace' as const };
  if (done >= enough.servers && done / total >= enough.share) return pace;
  return typicalMs !== null && typicalMs > elapsedMs ? { ms: typicalMs, by: 'past' } : null;
}
