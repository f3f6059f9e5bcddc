import { setImmediate } from 'node:timers/promises';
import { OmError } from '@omanager/contract';
import { type KnownHost, matchesHost } from '@omanager/ssh-fleet';
import { type Endpoint, endpointKey } from './types.ts';

/** A host as a known_hosts file may call it: by its name or by its address. */
export interface NamedEndpoint extends Endpoint {
  readonly name: string;
}

export interface KnownHostsMatch {
  /** Per line, the endpoints it names. */
  readonly found: readonly { readonly entry: KnownHost; readonly endpoints: readonly NamedEndpoint[] }[];
  /** Lines that name no host. */
  readonly unmatched: number;
  /** Lines that were left out because comparing them would take too long. */
  readonly skipped: readonly number[];
}

/** Comparisons of hashed names and wildcards, which no index can spare: some seconds at most. */
const comparisonLimit = 1_000_000;
const comparisonsPerTurn = 5_000;
const maxMatches = 100_000;

/** Finds the hosts that lines of a known_hosts file name; lets others run in between. */
export async function matchKnownHosts(
  entries: readonly KnownHost[],
  hosts: readonly NamedEndpoint[],
  { signal, maxComparisons = comparisonLimit }: { signal: AbortSignal; maxComparisons?: number },
): Promise<KnownHostsMatch> {
  const byName = indexByName(hosts);
  const found: { entry: KnownHost; endpoints: NamedEndpoint[] }[] = [];
  const skipped: number[] = [];
  let unmatched = 0;
  let compared = 0;
  let matches = 0;
  for (const entry of entries) {
    const names = literalNames(entry);
    if (!names && compared + hosts.length * 2 > maxComparisons) {
      skipped.push(entry.line);
      continue;
    }
    const endpoints = names ? names.flatMap((name) => byName.get(name) ?? []) : await compareAll(entry);
    const unique = [...new Map(endpoints.map((endpoint) => [endpointKey(endpoint), endpoint])).values()];
    if (unique.length === 0) unmatched++;
    else found.push({ entry, endpoints: unique });
    matches += unique.length;
    if (matches > maxMatches) throw new OmError('LIMIT', 'The file names too many servers at once; split it.');
  }
  return { found, unmatched, skipped };

  async function compareAll(entry: KnownHost): Promise<NamedEndpoint[]> {
    const hits: NamedEndpoint[] = [];
    for (const host of hosts) {
      compared += 2;
      if (compared % comparisonsPerTurn < 2) {
        await setImmediate();
        signal.throwIfAborted();
      }
      if (matchesHost(entry, host.address, host.port) || matchesHost(entry, host.name, host.port)) hits.push(host);
    }
    return hits;
  }
}

/** The names of a line that holds no wildcard and no hash, as `indexByName` writes them. */
function literalNames({ names }: KnownHost): string[] | undefined {
  if (names.kind === 'hashed' || names.patterns.some((pattern) => /[*?!]/.test(pattern))) return undefined;
  return names.patterns.map((pattern) => pattern.toLowerCase());
}

function indexByName(hosts: readonly NamedEndpoint[]): Map<string, NamedEndpoint[]> {
  const index = new Map<string, NamedEndpoint[]>();
  for (const host of hosts) {
    for (const name of new Set([host.address.toLowerCase(), host.name.toLowerCase()])) {
      const key = host.port === 22 ? name : `[${name}]:${host.port}`;
      const same = index.get(key);
      if (same) same.push(host);
      else index.set(key, [host]);
    }
  }
  return index;
}
