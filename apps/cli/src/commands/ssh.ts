import type { Client } from '@omanager/client';
import { createTerminalKeys, fromBase64 } from '@omanager/client';
import { OmError, type TerminalOutput } from '@omanager/contract';
import type { Command } from 'commander';
import { v7 as uuid } from 'uuid';
import type { Cli } from '../cli.ts';
import { withClient } from '../connect.ts';
import { CliError, exitCodes } from '../errors.ts';
import { dim } from '../io/text.ts';
import { createEscape } from '../run/escape.ts';
import { example, type Runner } from './command.ts';

export function sshCommand(program: Command, run: Runner): void {
  program
    .command('ssh')
    .description('A shell on a server, through OMServer and recorded there; ~. at the beginning of a line leaves it')
    .argument('<server>', 'its name')
    .addHelpText('after', example('om ssh web-01'))
    .action(run(ssh));
}

async function ssh(cli: Cli, host: string): Promise<void> {
  const { stdin, out } = cli;
  if (stdin.isTTY !== true || process.stdout.isTTY !== true || out.json)
    throw new CliError('A terminal is needed: for commands in scripts there is "om run".');
  await withClient(cli, async (client) => {
    const opened = await client.call('terminals.open', { id: uuid(), host, ...sizeNow() });
    const what = opened.input ? 'what it shows and what you type are' : 'what it shows is';
    out.note(
      dim(`${opened.login}@${opened.host} (${opened.address}). This terminal is recorded: ${what} kept. Leave with ~.`),
    );
    const end = await converse(cli, client, opened.id);
    if (end === undefined) return;
    aside(cli, `The terminal has ended: ${[wordsOf(end), end.message].filter(Boolean).join(', ')}.`);
    const code = Number(/^exit (\d+)$/.exec(end.message ?? '')?.[1] ?? Number.NaN);
    cli.setExitCode(end.end === 'exited' && code === 0 ? exitCodes.ok : exitCodes.other);
  });
}

/** Says something of our own on a line of its own, raw as the terminal may be. */
function aside({ out }: Cli, text: string): void {
  process.stdout.write('\r\n');
  out.note(dim(text));
  process.stdout.write('\r');
}

/** Both directions until the end; undefined when the operator has left it. */
async function converse(cli: Cli, client: Client, id: string): Promise<TerminalOutput | undefined> {
  const { stdin } = cli;
  const writer = uuid();
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, cli.signal]);
  let left = false;
  let warned: string | null = null;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    stop.abort();
  };
  const keys = createTerminalKeys({ client, id, writer, signal, onError: fail });
  const leaving = createEscape();
  const onData = (data: Buffer) => {
    const { pass, leave } = leaving(data);
    if (pass.length > 0 && !keys.type(pass)) aside(cli, 'Too much was pasted at once; it was not sent.');
    if (!leave) return;
    left = true;
    stop.abort();
  };
  const onResize = () => void client.call('terminals.resize', { id, writer, ...sizeNow() }).catch(() => {});

  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  process.stdout.on('resize', onResize);
  try {
    for await (const event of client.stream('terminals.attach', { id, writer }, { signal })) {
      if (event.idleEndsAt !== null && event.idleEndsAt !== warned)
        aside(cli, 'Nothing was typed for long: this terminal ends shortly unless a key is pressed.');
      warned = event.idleEndsAt;
      const data = fromBase64(event.data);
      if (event.skipped > 0) aside(cli, `(${event.skipped} bytes are no longer there)`);
      // Raw on purpose: this is the terminal's own conversation with its shell.
      if (!process.stdout.write(data)) await new Promise((resolve) => process.stdout.once('drain', resolve));
      keys.shown(event.offset + data.length);
      if (event.end !== null) return event;
    }
    throw failure ?? new OmError('DISCONNECTED', 'The terminal is gone.');
  } catch (error) {
    if (!left) throw failure ?? error;
    await client.call('terminals.close', { id });
    return undefined;
  } finally {
    stop.abort();
    process.stdout.off('resize', onResize);
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  }
}

function sizeNow(): { cols: number; rows: number } {
  const { columns, rows } = process.stdout;
  return { cols: Math.min(500, Math.max(2, columns || 80)), rows: Math.min(300, Math.max(1, rows || 24)) };
}

function wordsOf({ end }: TerminalOutput): string {
  switch (end) {
    case 'exited':
    case null:
      return 'the shell is over';
    case 'closed':
      return 'it was closed';
    case 'left':
      return 'nobody was in front of it for a minute';
    case 'idle':
      return 'nothing was typed for long';
    case 'terminated':
      return 'somebody ended it';
    case 'revoked':
      return 'you may not have it any more';
    case 'lost':
      return 'the connection to the server was lost';
    case 'unreachable':
      return 'the server could not be reached';
    case 'limit':
      return 'it could not be recorded any further';
    case 'server_stopped':
    case 'server_died':
      return 'OMServer has stopped';
  }
}
