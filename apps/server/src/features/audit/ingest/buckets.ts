export interface BucketRate {
  burst: number;
  perSecond: number;
}

/** Takes one from the bucket of a name; false when it is empty. Bounded: quiet names are forgotten, then the oldest. */
export function createBuckets({ burst, perSecond }: BucketRate, { most = 20_000, now = () => Date.now() } = {}) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (name: string): boolean => {
    const at = now();
    const known = buckets.get(name);
    const passed = known ? Math.max(0, at - known.at) / 1000 : 0;
    const tokens = known ? Math.min(burst, known.tokens + passed * perSecond) : burst;
    // The order of the map is that of the last use.
    buckets.delete(name);
    const [oldest] = buckets.keys();
    if (buckets.size >= most && oldest !== undefined) buckets.delete(oldest);
    buckets.set(name, { tokens: tokens < 1 ? tokens : tokens - 1, at });
    return tokens >= 1;
  };
}
