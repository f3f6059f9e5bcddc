import { type CheckpointTarget, checkpointProblem, type LedgerVerdict, ledgerFindingText } from '@omanager/contract';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, exitCodes } from '../errors.ts';
import { readText } from '../io/files.ts';
import { formatTime } from '../io/format.ts';
import { saveNew } from '../io/saveFile.ts';
import { bold, green, red, type Text, yellow } from '../io/text.ts';
import { example, type Runner } from './command.ts';

/** `om audit verify`, `om audit state` and `om audit prove`. */
export function ledgerCommands(audit: Command, run: Runner): void {
  audit
    .command('verify')
    .description('Have the whole ledger verified: intact? complete? Exit code 2 when it is not')
    .option('--pubkey <key>', 'the public key that was kept elsewhere')
    .option('--checkpoint <file>', 'checkpoints that were kept elsewhere, one a line; - for standard input')
    .addHelpText('after', example('om audit verify', 'om audit verify --checkpoint ledger.checkpoints'))
    .action(run(verify));
  audit
    .command('state')
    .description('The newest block, and whether checkpoints leave. Exit code 2 when one does not')
    .addHelpText('after', example('om audit state', 'om audit state --json'))
    .action(run(state));
  audit
    .command('prove')
    .description('A proof that an event stands in the ledger; docs/verify-proof.mjs verifies it anywhere')
    .argument('<event>', 'its id, as --json shows it')
    .option('--save <file>', 'write it to a new file')
    .addHelpText('after', example('om audit prove 019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10 --save proof.json'))
    .action(run(prove));
}

async function state(cli: Cli): Promise<void> {
  await withClient(cli, async (client) => {
    const found = await client.call('ledger.state', {}, { signal: cli.signal });
    const { newest, unsealed, publicKey, targets } = found;
    cli.out.data(found);
    cli.out.line('newest block   ', newest ? `${newest.block}, ${formatTime(newest.sealedAt)}` : 'none yet');
    cli.out.line('not in a block ', String(unsealed));
    cli.out.line('public key     ', publicKey ?? 'none yet');
    for (const target of targets) cli.out.line('checkpoints    ', ...targetText(target));
    if (targets.length === 0)
      cli.out.line('checkpoints    ', yellow('go nowhere: see OM_CHECKPOINT_SYSLOG of omserver'));
    if (targets.some(({ failure }) => failure !== null))
      throw new CliError('Checkpoints do not leave.', exitCodes.someNotOk);
  });
}

function targetText(target: CheckpointTarget): Text[] {
  const { kind, place, receipt, sent, behind, failure } = target;
  const newest = sent ? `block ${sent.block}, ${formatTime(sent.at)}` : 'nothing sent yet';
  const more = behind > 0 ? `, ${behind} made since then` : '';
  const wrong = checkpointProblem(target);
  const head = `${kind} ${place}: `;
  if (wrong && failure)
    return [head, red(`${wrong.message} since ${formatTime(failure.since)}`), `; ${newest}${more}. ${wrong.mend}`];
  return [head, `${newest}${more}`, receipt ? '' : yellow(' (UDP: nobody says whether it arrived)')];
}

async function verify(cli: Cli, { pubkey, checkpoint }: { pubkey?: string; checkpoint?: string }): Promise<void> {
  const { out, signal } = cli;
  const checkpoints = checkpoint === undefined ? undefined : await readText(checkpoint, cli.stdin);
  const asked = {
    ...(pubkey !== undefined && { publicKey: pubkey }),
    ...(checkpoints !== undefined && { checkpoints }),
  };
  await withClient(cli, async (client) => {
    let found: LedgerVerdict | undefined;
    for await (const { blocks, of, verdict } of client.stream('ledger.verify', asked, { signal })) {
      out.status(verdict ? '' : `block ${blocks} of ${of}`);
      found = verdict;
    }
    if (!found) throw new CliError('The server ended without a verdict; try again.', exitCodes.other);
    out.data(found);
    print(cli, found);
    const { targets } = await client.call('ledger.state', {}, { signal });
    for (const target of targets) if (target.failure) cli.out.note('Checkpoints do not leave: ', ...targetText(target));
    if (!found.intact || found.complete === 'no')
      throw new CliError('The ledger is not as it was written.', exitCodes.someNotOk);
  });
}

function print({ out }: Cli, { intact, complete, keyGiven, blocks, events, unsealed, findings }: LedgerVerdict): void {
  const completeness: Record<LedgerVerdict['complete'], Text> = {
    yes: green('complete'),
    no: red('not complete'),
    unknown: yellow('completeness unknown'),
  };
  out.line(intact ? green('intact') : red('not intact'), ', ', completeness[complete]);
  out.line(`${events} events in ${blocks} blocks, ${unsealed} not yet in one`);
  for (const finding of findings) out.line('  ', bold(ledgerFindingText(finding)));
  if (!keyGiven) out.line('The public key was taken from the database itself; give one that you kept with --pubkey.');
  if (complete === 'unknown')
    out.line('Only a checkpoint that was kept elsewhere can tell whether the end is missing: --checkpoint.');
}

async function prove(cli: Cli, event: string, { save }: { save?: string }): Promise<void> {
  await withClient(cli, async (client) => {
    const { proof } = await client.call('ledger.prove', { event });
    if (save === undefined) return cli.out.line(proof);
    await saveNew(save, bytesOf(proof));
    cli.out.line(`Saved ${save}. It is verified by: node docs/verify-proof.mjs ${save} PUBLIC_KEY`);
  });
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(`${text}\n`);
}
