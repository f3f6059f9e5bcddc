import { createHmac, timingSafeEqual } from 'node:crypto';
import { describeKey } from './hostKeys.ts';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  line: number;
  /** `revoked` keys must never be accepted. */
  marker: 'revoked' | undefined;
  names: { kind: 'patterns'; patterns: string[] } | { kind: 'hashed'; salt: string; hash: string };
  type: string;
  /** The key in base64. */
  key: string;
}

export interface KnownHostsProblem {
  line: number;
  message: string;
}

/** Reads a known_hosts file. What cannot be used is reported with its line number, and the rest is kept. */
export function parseKnownHosts(text: string): { entries: KnownHost[]; problems: KnownHostsProblem[] } {
  const entries: KnownHost[] = [];
  const problems: KnownHostsProblem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const outcome = parseLine(content, index + 1);
    if (typeof outcome === 'string') problems.push({ line: index + 1, message: outcome });
    else entries.push(outcome);
  }
  return { entries, problems };
}

/** @returns the entry, or what is wrong with the line */
function parseLine(content: string, line: number): KnownHost | string {
  const fields = content.split(/\s+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  if (marker === '@cert-authority')
    return 'Host certificates (@cert-authority) are not supported: add the keys of the hosts themselves.';
  if (marker !== undefined && marker !== '@revoked') return `Unknown marker ${marker}.`;
  const [names, type, key] = fields;
  if (names === undefined || type === undefined || key === undefined)
    return 'A line needs host names, key type and key.';
  // Old files carry SSH 1 keys as plain numbers.
  if (/^\d+$/.test(type)) return 'Keys of SSH protocol 1 are not supported.';
  const wire = Buffer.from(key, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || describeKey(wire).type !== type)
    return 'The key is damaged: it is not base64 of the type that the line names.';
  const parsed = parseNames(names);
  if (typeof parsed === 'string') return parsed;
  return {
    line,
    marker: marker === undefined ? undefined : 'revoked',
    names: parsed,
    type,
    key: wire.toString('base64'),
  };
}

function parseNames(names: string): KnownHost['names'] | string {
  if (!names.startsWith('|'))
    return { kind: 'patterns', patterns: names.split(',').filter((pattern) => pattern !== '') };
  const [, version, salt, hash] = names.split('|');
  if (version !== '1' || !salt || !hash) return 'The hashed host name is not of the form |1|salt|hash.';
  return { kind: 'hashed', salt, hash };
}

/** Whether a line is about this host. Port 22 is written plainly and any other as `[host]:port`, as OpenSSH does it. */
export function matchesHost(entry: KnownHost, host: string, port: number): boolean {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const { names } = entry;
  if (names.kind === 'hashed') {
    const expected = Buffer.from(names.hash, 'base64');
    const actual = createHmac('sha1', Buffer.from(names.salt, 'base64')).update(name).digest();
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  }
  const hits = (pattern: string) => matchesPattern(pattern.toLowerCase(), name);
  if (names.patterns.some((pattern) => pattern.startsWith('!') && hits(pattern.slice(1)))) return false;
  return names.patterns.some((pattern) => !pattern.startsWith('!') && hits(pattern));
}

/** `*` is any text and `?` any character. Linear in the text for each star: no pattern can make it slow. */
function matchesPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
