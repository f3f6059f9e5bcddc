import { type ExitCode, exitCodes } from '../exitCodes.ts';
import type { Terminal } from '../surroundings.ts';
import { checkDatabase } from './database.ts';
import { checkFiles } from './files.ts';
import type { Finding } from './finding.ts';
import { checkMachine } from './machine.ts';
import { checkRedis } from './redis.ts';
import { checkSettings } from './settings.ts';

/** Looks at everything an installation rests on and says what to mend. Changes nothing. */
export async function doctor(terminal: Terminal, { json }: { json: boolean }): Promise<ExitCode> {
  const { config, findings } = checkSettings(terminal.env);
  if (config) {
    for (const check of [checkFiles, checkMachine, checkDatabase, checkRedis]) findings.push(...(await check(config)));
  }
  if (json) for (const finding of findings) terminal.say(JSON.stringify(finding));
  else for (const finding of findings) terminal.say(shown(finding));
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  if (!json) terminal.say(`\n${count(problems, 'problem')}, ${count(warnings, 'warning')}.`);
  return problems > 0 ? exitCodes.problems : exitCodes.ok;
}

function shown({ level, check, message, mend }: Finding): string {
  const first = `${level.padEnd(8)} ${check.padEnd(12)} ${message}`;
  return mend === undefined ? first : `${first}\n${' '.repeat(22)}→ ${mend}`;
}

const count = (n: number, what: string): string => `${n === 0 ? 'no' : n} ${what}${n === 1 ? '' : 's'}`;
