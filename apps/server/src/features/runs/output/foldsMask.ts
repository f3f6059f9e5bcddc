/**
 * What differs between hosts without meaning anything, as placeholders. Every pattern is ours, looks at one line, and has bounded
 * repeats, so that masking is linear. When in doubt a text stays as it is: two hosts that differ should not look the same.
 */

const month = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const zone = '(?: ?(?:Z|UTC|GMT|CES?T|EES?T|BST|[ECMP][SD]T|JST|HKT|SGT|KST|IST|[+-]\\d\\d:?\\d\\d)(?![A-Za-z\\d]))?';
const clock = '\\d{1,2}:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?: [AP]M(?![A-Za-z]))?';
const units = 'ns|us|\\xc2?\\xb5s|ms|s|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?';

interface Mask {
  find: RegExp;
  put: string;
  /** Quickly found; where it is not, nothing is. */
  only?: RegExp;
}

/** Each finds at least one digit, but for those that look for a placeholder. */
const masks: readonly Mask[] = [
  {
    only: /-[0-9a-f]{4}-/i,
    find: /(?<![\w-])(?=[a-f-]{0,36}\d)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/gi,
    put: '<id>',
  },
  // 2026-11-22T12:50:01.123+01:00, 2026/11/22 12:50, 2026-11-22
  {
    find: new RegExp(`(?<![A-Za-z0-9])\\d{4}[-/]\\d\\d[-/]\\d\\d(?:[T ]{1,2}${clock}${zone})?(?![\\d-])`, 'g'),
    put: '<time>',
  },
  // 22 Nov 2026 12:50:01 +0000, 22/Nov/2026:12:50:01 +0000
  {
    only: new RegExp(month),
    find: new RegExp(
      `(?<![A-Za-z0-9])\\d{1,2}[ /-]${month}[ /-]\\d{4}(?:[ :]{1,2}${clock}${zone})?(?![A-Za-z\\d])`,
      'g',
    ),
    put: '<time>',
  },
  // Nov 22 12:50:01, Nov 22 12:50:01 PM UTC 2026, Nov 22  2026
  {
    find: new RegExp(
      `(?<![A-Za-z0-9])${month} {1,2}\\d{1,2}(?:,? {1,2}(?:${clock}${zone}(?: \\d{4})?|\\d{4}))?(?![A-Za-z\\d:])`,
      'g',
    ),
    put: '<time>',
  },
  { only: /<time>/, find: /(?<![A-Za-z0-9])(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? {1,2}(?=<time>)/g, put: '' },
  // The kernel's [   12.345678], the audit daemon's 1795351801.123
  { find: /\[ {0,12}\d{1,10}\.\d{6}\]/g, put: '[<time>]' },
  { find: /(?<![\w.])1[5-9]\d{8}\.\d{1,9}(?!\w)/g, put: '<time>' },
  { only: /\d:\d/, find: new RegExp(`(?<![A-Za-z0-9_.:])${clock}${zone}(?![A-Za-z\\d:])`, 'g'), put: '<time>' },
  // 1h2m3.5s, 0m0.003s, 3h12m, 12d, 350 ms
  {
    find: new RegExp(
      `(?<![\\w.])(?:(?:\\d{1,6}[wdhm] ?){1,4}\\d{1,6}(?:\\.\\d{1,9})?s|(?:\\d{1,6}[wdhm]){2,4}|\\d{1,6}[dh]|\\d{1,12}(?:\\.\\d{1,9})? ?(?:${units}))(?!\\w)`,
      'g',
    ),
    put: '<duration>',
  },
  // sshd[1234]: and pid 1234, pid=1234, process 1234
  { find: /(?<=[A-Za-z_)-])\[\d{1,10}\](?=:)/g, put: '[<pid>]' },
  { find: /(?<!\w)(p?pid|process(?: id)?)([ =:#]{1,3})\d{1,10}(?!\w)/gi, put: '$1$2<pid>' },
  { find: /(?<!\w)0x[0-9a-f]{1,32}(?!\w)/gi, put: '<id>' },
  // Checksums have 32 digits and more: they are what is compared, so they stay.
  { find: /\b(?=[a-fA-F]{0,31}\d)(?=\d{0,31}[a-fA-F])[0-9a-fA-F]{12,31}(?!\w)/g, put: '<id>' },
  // A value of another width moves its column.
  { only: / {2}</, find: /(?<! ) {2,}(?=<(?:host|time|duration|pid|id)>)/g, put: ' ' },
  { only: /> {2}/, find: /(?<=<(?:host|time|duration|pid|id)>) {2,}/g, put: ' ' },
];

const shortestName = 2;

/** Masks text of whole lines, as Latin-1 (a byte is a character), for a host with these names and addresses. */
export function createLineMask(names: readonly string[]): (text: string) => string {
  const own = createNameMask(names);
  return (text) => {
    let masked = own(text);
    const plain = masked === text && !/[\d<]/.test(text);
    if (plain) return text;
    for (const { only, find, put } of masks) if (!only || only.test(masked)) masked = masked.replace(find, put);
    return masked;
  };
}

function createNameMask(names: readonly string[]): (text: string) => string {
  const known = new Set(names.flatMap((name) => (isAddress(name) ? [name] : [name, name.split('.')[0] ?? name])));
  const words = [...known]
    .filter((name) => name.length >= shortestName)
    .map((name) => Buffer.from(name).toString('latin1').toLowerCase())
    .sort((a, b) => b.length - a.length);
  // Few outputs name their host: a pattern of its own is made for those only.
  let find: RegExp | undefined;
  return (text) => {
    const lower = text.toLowerCase();
    if (!words.some((word) => lower.includes(word))) return text;
    find ??= anyOf(words);
    return text.replace(find, '<host>');
  };
}

function anyOf(words: readonly string[]): RegExp {
  const any = words.map((word) => word.replace(/[^A-Za-z0-9]/g, '\\$&')).join('|');
  return new RegExp(`(?<![A-Za-z0-9])(?:${any})(?![A-Za-z0-9])`, 'gi');
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(':');
}
