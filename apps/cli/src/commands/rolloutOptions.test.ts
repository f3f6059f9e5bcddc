import { Command } from 'commander';
import { expect, it } from 'vitest';
import { rolloutOf, withRolloutOptions } from './rolloutOptions.ts';

function parse(args: string): ReturnType<typeof rolloutOf> {
  const command = withRolloutOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return rolloutOf(command.parse(args.split(' ').filter(Boolean), { from: 'user' }).opts());
}

it.each([
  ['', undefined],
  ['--canary 1 --waves 10%,50%,100%', { canary: 1, waves: ['10%', '50%', '100%'] }],
  ['--waves 1,10%,100% --wait ask', { waves: [1, '10%', '100%'], wait: 'ask' }],
  ['--wait 30s --order by_zone --per-zone 3', { wait: 30_000, order: 'by_zone', perZone: 3 }],
  ['--stop-when 2', { stopWhen: { failed: 2, unreachable: true } }],
  ['--stop-when 0,2.5% --ignore-unreachable', { stopWhen: { failed: 0, percent: 2.5, unreachable: false } }],
  ['--max-fail 5%', { stopWhen: { percent: 5, unreachable: true } }],
])('understands "%s"', (args, draft) => {
  expect(parse(args)).toEqual(draft);
});

it.each([
  '--waves 0',
  '--waves 101%',
  '--waves 1,,2',
  '--waves ten',
  '--wait 10ms',
  '--wait later',
  '--stop-when 1,2',
  '--stop-when 101%',
  '--stop-when 1.5',
  '--order zone',
  '--ignore-unreachable',
])('refuses "%s"', (args) => {
  expect(() => parse(args)).toThrow();
});
