/**
 * `npm run chaos -- --rounds 10 [--hosts 500]`: kills -9 parts of a whole installation in the middle of runs and counts
 * what may never happen. The last line is `N violations`; the exit code is 0 only for none.
 */
import { parseArgs } from 'node:util';
import { has } from '../lab/have.ts';
import { startInstallation } from './installation.ts';
import { playRound } from './round.ts';
import { victimOf } from './victims.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '10' }, hosts: { type: 'string', default: '500' } },
});
const rounds = count('rounds', values.rounds, 1000);
const hosts = count('hosts', values.hosts, 5000);
if (!has('sshd', 'useradd', 'mariadb', 'redis'))
  throw new Error('this needs root, sshd, MariaDB and Redis (npm test installs them)');

console.log(`MariaDB, Redis, two API processes, three workers, ${hosts} hosts of a real sshd; ${rounds} rounds`);
const om = await startInstallation(hosts);
const violations: string[] = [];
try {
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const result = await playRound(om, victimOf(om, round), hosts);
    violations.push(...result.violations.map((text) => `round ${round + 1}: ${text}`));
    const { victim, alive, running, lost, probed, retried } = result;
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    console.log(
      `round ${round + 1}: killed ${victim} with ${alive} scripts alive (${running} running in the store); ` +
        `${lost} lost, ${probed} of them told apart by probes, ${retried} retried; ` +
        `${result.violations.length} violations; ${seconds} s`,
    );
  }
} catch (error) {
  violations.push(`the harness did not come to its end: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await om.stop();
}
for (const text of violations.slice(0, 50)) console.log(text);
console.log(`${violations.length} violations`);
process.exitCode = violations.length === 0 ? 0 : 1;

function count(name: string, text: string, most: number): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > most) throw new Error(`--${name}: a number from 1 to ${most}`);
  return n;
}
