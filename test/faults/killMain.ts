import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

/** `npm run test:kill -- --kills 20`: the kill -9 test with as many kills on each database, and what they hit. */
const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' } } });
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1 || kills > 1000) throw new Error('--kills: a number from 1 to 1000');

const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'test/faults/kill.test.ts'];
const { status } = spawnSync(process.execPath, vitest, {
  stdio: 'inherit',
  env: { ...process.env, KILLS: String(kills) },
});
process.exitCode = status ?? 1;
