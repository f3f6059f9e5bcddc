import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatInvite } from '@omanager/client';
import { generateKeyPair } from '@omanager/secure-channel';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { createProgram, runOm } from './program.ts';
import { createSink } from './testing/fakeCli.ts';
import { tempFolder } from './testing/tempFolder.ts';

async function om(...args: string[]) {
  const stdout = createSink();
  const stderr = createSink();
  const env = { OM_HOME: tempFolder() };
  const { signal } = new AbortController();
  const code = await runOm(args, { env, stdin: process.stdin, stdout, stderr, signal, onInterrupt: () => {} });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const invite = { host: '127.0.0.1', port: 1, tls: false, serverPublicKey: generateKeyPair().publicKey };
const code = 'c0de_'.repeat(8);

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

it('explains every command with a description and an example', () => {
  const all = leaves(createProgram(() => async () => {}, { stdout: createSink(), stderr: createSink() }));
  expect(all.length).toBeGreaterThan(50);
  for (const command of all) {
    let help = '';
    command.configureOutput({
      writeOut: (text) => {
        help += text;
      },
    });
    command.outputHelp();
    expect(command.description(), command.name()).not.toBe('');
    expect(help, command.name()).toMatch(/\nExamples?:\n {2}om /);
  }
});

it.each([
  [[], 3],
  [['--help'], 0],
  [['--version'], 0],
  [['nonsense'], 3],
  [['run', 'system.uptime'], 3],
  [['run', 'm', '-t', 'x', '--parallel', '0'], 3],
  [['run', 'm', '-t', 'x', '--timeout', 'soon'], 3],
  [['run', 'm', '-t', 'x', '-p', 'a=1', '-p', 'a=2'], 3],
  [['runs', 'list', '--state', 'great'], 3],
  [['whoami'], 3],
])('om %j ends with %i', async (args, exitCode) => {
  expect((await om(...args)).code).toBe(exitCode);
});

it('gives programs the error as an object', async () => {
  const { stdout, stderr } = await om('whoami', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'CLI' });
  expect(stderr).toBe('');
});

it('refuses an invite code on the command line, says why, and does not repeat it', async () => {
  const { code: exitCode, stderr, stdout } = await om('login', formatInvite({ ...invite, code }), '--yes');
  expect(exitCode).toBe(3);
  expect(stderr).toContain('visible to every user');
  expect(stdout + stderr).not.toContain(code);
});

it('shows host and key, and connects nowhere without a yes', async () => {
  const file = join(tempFolder(), 'link');
  writeFileSync(file, `${formatInvite({ ...invite, code })}\n`);
  const { code: exitCode, stderr } = await om('login', '--link-file', file, '--user', 'ada');
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/127\.0\.0\.1:1\n.*SHA256:[A-Za-z0-9+/]{43}\n/);
  expect(stderr).toContain('pass --yes');
});

it('says that a link without an invite enrols nobody', async () => {
  const { code: exitCode, stderr } = await om('login', formatInvite({ ...invite, code: null }), '--yes');
  expect(exitCode).toBe(3);
  expect(stderr).toContain('ask an admin for an invite');
});
