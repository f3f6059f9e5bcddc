/** `npm run bench` runs everything; `npm run bench -- fanout --rounds 3` one part. Figures are ratios of one run, never asserted. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { benchAudit } from './audit.ts';
import { benchChannel } from './channel.ts';
import { benchFanOut, toolPackages, toolVersions } from './fanOut.ts';
import { figureOf, printFigures, printMachine } from './figures.ts';
import { benchOutput } from './output.ts';
import { benchPlayer } from './player.ts';
import { benchQueue } from './queue.ts';
import { benchRpc } from './rpc.ts';
import { benchScale } from './scale.ts';
import { benchSearch } from './search.ts';
import { benchUi } from './ui.ts';
import { benchWrapper } from './wrapper.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    hosts: { type: 'string', default: '10000' },
    megabytes: { type: 'string', default: '1000' },
    watchers: { type: 'string', default: '20' },
    parallel: { type: 'string', default: '200' },
    'node-options': { type: 'string' },
    alone: { type: 'boolean' },
    quick: { type: 'boolean', default: false },
    events: { type: 'string', default: '0' },
    soak: { type: 'string', default: '1.5' },
    only: { type: 'string' },
    'web-root': { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const parts: Record<string, () => Promise<void>> = {
  async channel() {
    const figures = await benchChannel();
    printFigures(
      'the channel alone, CPU of one core',
      figures.map(({ name, unit, value }) => figureOf(name, unit, [value])),
    );
  },
  rpc: () => benchRpc(rounds),
  audit: () => benchAudit({ rounds, events: Number(values.events), only: values.only }),
  wrapper: () => benchWrapper(rounds),
  queue: () => benchQueue(Math.min(rounds, 3)),
  fanout: () => benchFanOut(rounds),
  search: () => benchSearch(rounds),
  output: () =>
    benchOutput({
      megabytes: Number(values.megabytes),
      hosts: Math.min(Number(values.hosts), 100),
      nodeOptions: values['node-options'],
    }),
  scale: () =>
    benchScale({
      hosts: Number(values.hosts),
      watchers: Number(values.watchers),
      parallel: Number(values.parallel),
      rounds: Math.min(rounds, 3),
      nodeOptions: values['node-options'],
      alone: values.alone,
    }),
  player: () => benchPlayer({ quick: values.quick, webRoot: values['web-root'] }),
  ui: () =>
    benchUi({
      hosts: Number(values.hosts),
      quick: values.quick,
      soakMinutes: Number(values.soak),
      only: values.only,
      webRoot: values['web-root'],
    }),
};

const wanted = positionals.length > 0 ? positionals : Object.keys(parts);
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0)
  throw new Error(`there is no benchmark ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
if (wanted.includes('fanout')) installTools();
printMachine({ node: process.version, ...(wanted.includes('fanout') ? toolVersions() : {}) });
for (const name of wanted) await parts[name]?.();

function installTools(): void {
  if (
    spawnSync('ansible', ['--version']).status === 0 &&
    spawnSync('clush', ['--version']).status === 0 &&
    spawnSync('parallel-ssh', ['--version']).status === 0
  )
    return;
  console.log(`installing what is compared with: ${toolPackages.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update'], { env, stdio: 'ignore' });
  const { status } = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...toolPackages], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the tools to compare with could not be installed (it needs root and apt-get)');
}
