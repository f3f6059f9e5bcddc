import { readdir, readFile } from 'node:fs/promises';

const modules = new URL('../modules/', import.meta.url);
const agent = new URL('../agent/', import.meta.url);

/** Of the audit agent that `audit.install` puts on servers. */
export const agentVersion = (await readFile(new URL('version', agent), 'utf8')).trim();

/** The manifests that ship, as text; the server parses and versions them. */
export async function loadBuiltin(): Promise<{ file: string; text: string }[]> {
  const names = (await readdir(modules)).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(
    names.map(async (file) => ({ file, text: await withIncludes(await readFile(new URL(file, modules), 'utf8')) })),
  );
}

/** `@include name` stands for a file of the agent, indented as that line is: a manifest is one text, shell is edited as shell. */
async function withIncludes(text: string): Promise<string> {
  const lines = text.split('\n').map(async (line) => {
    const [, indent = '', name] = /^( +)@include ([a-z.]+)$/.exec(line) ?? [];
    if (name === undefined) return line;
    const source = await readFile(new URL(name, agent), 'utf8');
    return source.trimEnd().replace(/^(?=.)/gm, indent);
  });
  return (await Promise.all(lines)).join('\n');
}
