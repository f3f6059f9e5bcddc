import { createHmac } from 'node:crypto';
import { type KnownHost, matchesHost } from '@omanager/ssh-fleet';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchKnownHosts, type NamedEndpoint } from './knownHostsMatch.ts';

const { signal } = new AbortController();
const host = (name: string, address: string, port = 22): NamedEndpoint => ({ zoneId: 'z', name, address, port });

function hashedLine(line: number, name: string): KnownHost {
  const salt = Buffer.from(`salt ${line}`);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return { ...plainLine(line, []), names: { kind: 'hashed', salt: salt.toString('base64'), hash } };
}

function plainLine(line: number, patterns: string[]): KnownHost {
  return { line, marker: undefined, names: { kind: 'patterns', patterns }, type: 'ssh-ed25519', key: 'AAAA' };
}

it('finds what comparing every line with every host finds', async () => {
  const name = fc.constantFrom('a', 'A', 'b.c', '10.0.0.1', '::1');
  const port = fc.constantFrom(22, 2222);
  const hosts = fc.array(fc.tuple(name, name, port).map(([name, address, port]) => host(name, address, port)));
  const pattern = fc.constantFrom('a', 'A', '[a]:2222', '*', 'b.?', '!a', '[::1]:2222', '::1', '[10.0.0.1]:22');
  const lines = fc.array(
    fc.oneof(
      fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => plainLine(1, patterns)),
      fc.constantFrom('a', '[b.c]:2222').map((name) => hashedLine(1, name)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(lines, hosts, async (entries, hosts) => {
      const { found, unmatched } = await matchKnownHosts(entries, hosts, { signal });
      const expected = entries.map((entry) => {
        const hits = hosts.filter(({ name, address, port }) =>
          [name, address].some((called) => matchesHost(entry, called, port)),
        );
        return new Set(hits.map(({ address, port }) => `${address} ${port}`));
      });
      const got = found.map(({ endpoints }) => new Set(endpoints.map(({ address, port }) => `${address} ${port}`)));
      expect(got).toEqual(expected.filter((hits) => hits.size > 0));
      expect(unmatched).toBe(expected.filter((hits) => hits.size === 0).length);
    }),
  );
});

it('compares a bounded number of hashed names and says which lines it left out', async () => {
  const hosts = Array.from({ length: 50 }, (_, i) => host(`h${i}`, `10.0.0.${i}`));
  const entries = [hashedLine(1, 'h3'), hashedLine(2, 'h4'), hashedLine(3, 'h5'), plainLine(4, ['h6'])];
  const match = await matchKnownHosts(entries, hosts, { signal, maxComparisons: 200 });
  expect(match.found.map(({ entry }) => entry.line)).toEqual([1, 2, 4]);
  expect(match.skipped).toEqual([3]);
});

it('refuses a file that names too many servers at once', async () => {
  const hosts = Array.from({ length: 2000 }, (_, i) => host(`h${i}`, `10.0.${i >> 8}.${i & 255}`));
  const entries = Array.from({ length: 60 }, (_, i) => plainLine(i, ['*']));
  await expect(matchKnownHosts(entries, hosts, { signal })).rejects.toMatchObject({ code: 'LIMIT' });
});

it('can be given up', async () => {
  const hosts = Array.from({ length: 5000 }, (_, i) => host(`h${i}`, `10.0.${i >> 8}.${i & 255}`));
  await expect(matchKnownHosts([hashedLine(1, 'x')], hosts, { signal: AbortSignal.abort() })).rejects.toThrow();
});
