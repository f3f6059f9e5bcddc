/**
 * Limits before the first byte is answered: a HELLO costs two scalar multiplications, so an address may have only a
 * few connections that nobody is signed in on, and start only so many a second. Bounded: quiet addresses are forgotten.
 */
export interface Admission {
  /** Null when refused; else call the returned function once somebody is signed in, or the connection is over. */
  enter(address: string): (() => void) | null;
}

const perAddress = { unfinished: 64, burst: 200, perSecond: 50 };
const maxUnfinished = 1000;
const maxAddresses = 10_000;

interface Bucket {
  tokens: number;
  at: number;
  unfinished: number;
}

/** One customer of an IPv6 network has at least a /64, so that counts as one address. */
function neighbourhood(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after);
  return [...groups, ...Array<string>(zeros).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':');
}

export function createAdmission({ now = () => Date.now() } = {}): Admission {
  const buckets = new Map<string, Bucket>();
  let unfinished = 0;

  function bucketOf(peer: string): Bucket {
    const address = neighbourhood(peer);
    const at = now();
    const known = buckets.get(address);
    if (known) {
      known.tokens = Math.min(perAddress.burst, known.tokens + ((at - known.at) / 1000) * perAddress.perSecond);
      known.at = at;
      return known;
    }
    if (buckets.size >= maxAddresses) forgetQuiet(at);
    const fresh = { tokens: perAddress.burst, at, unfinished: 0 };
    buckets.set(address, fresh);
    return fresh;
  }

  function forgetQuiet(at: number): void {
    const refillMs = (perAddress.burst / perAddress.perSecond) * 1000;
    for (const [address, bucket] of buckets) {
      if (bucket.unfinished === 0 && at - bucket.at >= refillMs) buckets.delete(address);
    }
    // All of them busy: drop the oldest idle ones rather than grow.
    for (const [address, bucket] of buckets) {
      if (buckets.size < maxAddresses) return;
      if (bucket.unfinished === 0) buckets.delete(address);
    }
  }

  return {
    enter(address) {
      const bucket = bucketOf(address);
      if (unfinished >= maxUnfinished || bucket.unfinished >= perAddress.unfinished || bucket.tokens < 1) return null;
      bucket.tokens--;
      bucket.unfinished++;
      unfinished++;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        bucket.unfinished--;
        unfinished--;
      };
    },
  };
}
