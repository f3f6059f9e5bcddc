import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadBuiltin } from '@omanager/builtin-modules';
import { type ManifestProblem, validateModules } from '@omanager/task-module';
import { CommandError, type ExitCode, exitCodes } from './exitCodes.ts';
import type { Terminal } from './surroundings.ts';

/** Says what is wrong with the modules of a folder, or with one file, and where. */
export async function modulesValidate(terminal: Terminal, path: string): Promise<ExitCode> {
  const files = await manifestFiles(path);
  if (files.length === 0) throw new CommandError(`${path} holds no .yaml or .yml file`);
  const own = new Set(files.map(({ file }) => file));
  // Together with what ships: the server leaves a module out whose id is taken.
  const builtin = await loadBuiltin();
  const problems = validateModules([...builtin, ...files]).filter(({ file }) => own.has(file));
  for (const problem of problems) terminal.say(line(problem));
  const bad = new Set(problems.map(({ file }) => file)).size;
  if (bad > 0) {
    terminal.note(`${bad} of ${files.length} modules ${bad === 1 ? 'has' : 'have'} mistakes.`);
    return exitCodes.refused;
  }
  terminal.say(`${files.length === 1 ? 'The module is' : `All ${files.length} modules are`} right.`);
  return exitCodes.ok;
}

const line = ({ file, line, column, message }: ManifestProblem): string => `${file}:${line}:${column}: ${message}`;

async function manifestFiles(path: string): Promise<{ file: string; text: string }[]> {
  const found = await stat(path).catch(() => null);
  if (!found) throw new CommandError(`there is no ${path}`);
  const names = found.isDirectory()
    ? (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).map((name) => join(path, name))
    : [path];
  return Promise.all(names.sort().map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
}
