import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { createSink } from './testing/fakeCli.ts';

const root = new URL('../../../', import.meta.url);
const pages = [
  'README.md',
  ...readdirSync(new URL('docs/', root)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** The commands of the shell blocks of a page. */
function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(new URL(page, root), 'utf8').matchAll(/^```(?:sh|console)\n(.*?)^```/gms)];
  return blocks.flatMap(([, block = '']) =>
    block.split('\n').flatMap((line) => {
      const command = /^(?:\$ )?(?:npm run )?om (?:-- )?(?<args>[^|#;]+)/.exec(line)?.groups?.args;
      return command === undefined ? [] : [command.trim()];
    }),
  );
}

/** The examples that every command shows in its help. */
function examplesOf(command: Command): string[] {
  const help = createSink();
  command.configureOutput({ writeOut: help.write }).outputHelp();
  const own = [...help.text.matchAll(/^ {2}om (.+)$/gm)].map(([, args = '']) => args);
  return [...own, ...command.commands.flatMap(examplesOf)];
}

const words = (args: string): string[] =>
  [...args.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));

/** A program that accepts what om accepts and does nothing. */
const program = () => createProgram(() => async () => {}, { stdout: createSink(), stderr: createSink() });

describe('the commands of pages and help texts are ones that om takes', () => {
  it.each(pages)('%s', async (page) => {
    for (const args of commandsOf(page))
      await expect(program().parseAsync(words(args), { from: 'user' }), args).resolves.toBeDefined();
  });

  it('README.md has some', () => expect(commandsOf('README.md').length).toBeGreaterThan(3));

  it('examples', async () => {
    const examples = examplesOf(program());
    expect(examples.length).toBeGreaterThan(40);
    for (const args of examples)
      await expect(program().parseAsync(words(args), { from: 'user' }), args).resolves.toBeDefined();
  });
});
