import type { Command } from 'commander';
import { type Cli, titleOf } from '../cli.ts';
import { withClient } from '../connect.ts';
import { riskText } from '../io/format.ts';
import { bold, dim, outputLine, type Text } from '../io/text.ts';
import { paramRows, paramTableHeader } from '../run/paramTable.ts';
import { example, type Runner } from './command.ts';

export function modulesCommands(program: Command, run: Runner): void {
  const modules = program.command('modules').description('Task modules: what can be run');
  modules
    .command('list')
    .description('Modules by family and number')
    .addHelpText('after', example('om modules list', 'om modules list --lang zh'))
    .action(run(list));
  modules
    .command('show')
    .description('One module with its parameters')
    .argument('<module>', 'id, number, or id@version')
    .option('--manifest', 'print the manifest itself')
    .addHelpText('after', example('om modules show 1007', 'om modules show service.restart --manifest'))
    .action(run(show));
}

async function list(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const { items } = await client.call('modules.list', {}, { signal: cli.signal });
    for (const module of items) cli.out.data(module);
    const rows = items.map(({ family, legacyId, id, version, risk, source, title }): Text[] => [
      family,
      legacyId ?? '',
      id,
      version,
      riskText(risk),
      source,
      titleOf(cli, title),
    ]);
    cli.out.table(['FAMILY', 'NO', 'MODULE', 'VERSION', 'RISK', 'FROM', 'TITLE'], rows);
  });
}

async function show(cli: Cli, name: string, options: { manifest?: boolean }): Promise<void> {
  await withClient(cli, async (client) => {
    const { out } = cli;
    const module = await client.call('modules.get', { module: name }, { signal: cli.signal });
    out.data(module);
    if (options.manifest) {
      for (const line of module.manifest.split('\n')) out.line(outputLine(line));
      return;
    }
    out.line(bold(module.id), ` ${module.version}  ${titleOf(cli, module.title)}  [`, riskText(module.risk), ']');
    const description = titleOf(cli, module.description);
    if (description !== '') for (const line of description.split('\n')) out.line(line);
    const field = (name: string, ...text: Text[]): void => out.line(dim(name.padEnd(8)), ...text);
    field('Family', module.family);
    if (module.legacyId !== null) field('Number', module.legacyId);
    field('Body', module.body);
    field('From', module.source);
    field('Digest', dim(module.digest));
    const rows = paramRows(cli.lang, module.params);
    if (rows.length === 0) out.line('It takes no parameters.');
    out.table(paramTableHeader, rows);
  });
}
