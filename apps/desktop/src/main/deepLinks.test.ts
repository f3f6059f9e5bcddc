import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deepLinkIn, parseDeepLink } from './deepLinks.ts';

const path = (text: string): string | null => {
  const link = parseDeepLink(text);
  return link.kind === 'page' ? link.path : null;
};
const key = 'A'.repeat(43);

it('leads to what the list names, marked as coming from a link', () => {
  expect(parseDeepLink('omanager://bastion-sh:4510/run/812?attempt=2&tab=log&host=web-07#L120')).toEqual({
    kind: 'page',
    server: 'bastion-sh:4510',
    path: '/runs/812/log?attempt=2&host=web-07&from=link#L120',
  });
  expect(path('omanager://s/compose?module=1003&hosts=env%3Dprod')).toBe(
    '/run?module=1003&target=env%3Dprod&from=link',
  );
  expect(path('omanager://s/compose?module=1003&params=%7B%22lines%22%3A5%7D')).toBe(
    '/run?module=1003&params=%7B%22lines%22%3A5%7D&from=link',
  );
  expect(path('omanager://s/host/web-01')).toBe('/servers/host/web-01?from=link');
  expect(path('omanager://s/audit?q=reboot')).toBe('/audit?q=reboot&from=link');
});

it('shows an invite in the form, whole', () => {
  const text = `omanager://bastion:4510/#${key}.${'c'.repeat(30)}`;
  expect(parseDeepLink(text)).toEqual({ kind: 'invite', text });
});

it.each([
  'omanager://s/run/812/start',
  'omanager://s/runs/812',
  'omanager://s/run/..%2f..',
  'omanager://s/sign-out',
  'omanager://s/settings?theme=dark',
  'omanager://user:pass@s/run/1',
  'omanager://s/constructor/1',
  'https://s/run/1',
  'omanager:run/1',
  `omanager://s/audit?q=${'x'.repeat(5000)}`,
])('does not know %s', (text) => {
  expect(parseDeepLink(text)).toEqual({ kind: 'unknown' });
});

it('leaves out what is not as expected', () => {
  expect(path('omanager://s/run/1?attempt=x&host=%1b%5d&run=now&tab=start#L1x')).toBe('/runs/1?from=link');
  expect(path('omanager://s/compose?hosts=%e2%80%aeevil')).toBe('/run?from=link');
});

it('finds the link among the arguments of a second start', () => {
  expect(deepLinkIn(['omanager', '--flag', 'omanager://s/run/1'])).toBe('omanager://s/run/1');
  expect(deepLinkIn(['omanager'])).toBeNull();
});

it('never throws and leads nowhere else, whatever 10,000 links say', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('run', 'compose', 'host', 'approval', 'session', 'audit', '..', '%2e%2e', '#', '?', '&from=', '@'),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
  );
  const link = fc
    .tuple(
      fc.constantFrom('omanager://', 'omanager:', 'OMANAGER://s/', 'omanager://s/', ''),
      fc.array(part, { maxLength: 6 }),
    )
    .map(([head, parts]) => head + parts.join('/'));
  const allowed =
    /^\/(runs\/[\w-]+(\/(log|timeline|details|attempts))?|run|servers\/host\/[^/?#]+|approvals\/[\w-]+|sessions\/[\w-]+|audit)\?([^#]*&)?from=link(#L[\dL-]+)?$/;
  fc.assert(
    fc.property(link, (text) => {
      const { kind, ...rest } = parseDeepLink(text);
      if (kind === 'page' && 'path' in rest) expect(rest.path).toMatch(allowed);
    }),
    { numRuns: 10_000 },
  );
});
