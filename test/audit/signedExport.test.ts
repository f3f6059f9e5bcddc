import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AuditFileFormat, auditFileCut, auditFileHead, auditFileLine, type ExportSeal } from '@omanager/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOm, loginWith, type Om } from '../cli/om.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { recordLine } from '../store/commandsRig.ts';
import { createAgentDouble } from './agentDouble.ts';

const script = fileURLToPath(new URL('../../docs/verify-export.mjs', import.meta.url));
const workspace = createWorkspace('signed-export');
let server: TestServer;
let admin: Operator;
let om: Om;
let publicKey: string;

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  const { client } = admin;
  const { id } = await client.call('hosts.add', { host: { name: 'web-01', address: '192.0.2.1', user: 'ops' } });
  const agent = await createAgentDouble(server, id);
  const lines = ['echo 漢字', 'cat "a\tb"', '=1+1', 'ls'].map((text) => recordLine(text.replaceAll('\t', '\\t')));
  expect((await agent.send(1, lines)).status).toBe(200);
  await waitFor('all is sealed', async () => (await client.call('ledger.state', {})).unsealed === 0, 30_000);
  publicKey = (await client.call('ledger.state', {})).publicKey ?? '';
  om = createOm();
  const { link } = await client.call('invites.create', { role: 'auditor' });
  expect((await loginWith(om, link, 'otto')).code).toBe(0);
});
afterAll(async () => {
  om?.remove();
  admin?.client.close();
  await server?.stop();
  workspace.remove();
});

const check = (file: string, signature = `${file}.sig`, key = publicKey) =>
  spawnSync(process.execPath, [script, file, signature, key], { encoding: 'utf8' });

it('is saved by om with a signature that an auditor checks without the server; every change of either is found', async () => {
  const file = join(workspace.dir, 'commands.jsonl');
  const [told] = await om.json(['audit', 'export', '--save', file, '--host', 'web-01']);
  expect(told).toMatchObject({ events: 4, signature: `${file}.sig` });
  expect(execFileSync(process.execPath, [script, file, `${file}.sig`, publicKey], { encoding: 'utf8' })).toMatch(
    /^SIGNED: 4 events \(commands\), exported by "otto" at .*\nfilter \{"host":"web-01"\}/,
  );
  const sig = readFileSync(`${file}.sig`, 'utf8');
  const other = join(workspace.dir, 'other.jsonl');
  const broken = [
    () => appendFileSync(other, '\n'),
    () => truncateSync(other, 100),
    () => writeFileSync(other, readFileSync(file, 'utf8').replace('ls', 'id')),
  ];
  for (const breakIt of broken) {
    copyFileSync(file, other);
    breakIt();
    expect(check(other, `${file}.sig`)).toMatchObject({ status: 1 });
    expect(check(other, `${file}.sig`).stderr).toContain('not the one that was signed');
  }
  writeFileSync(`${other}.sig`, 'no JSON');
  expect(check(file, `${other}.sig`).stderr).toContain('this is no signature of an export');
  // That of another export.
  const second = join(workspace.dir, 'second.jsonl');
  await om.json(['audit', 'export', '--save', second, '--host', 'web-01', 'ls']);
  expect(check(file, `${second}.sig`).stderr).toContain('not the one that was signed');
  writeFileSync(`${other}.sig`, sig.replace('otto', 'anna'));
  expect(check(file, `${other}.sig`).stderr).toContain('not signed by this key');
  // One that would be left without its signature is not begun.
  const taken = await om('audit', 'export', '--save', other.replace('other', 'none'), '--host', 'web-01');
  expect(taken.code).toBe(0);
  rmSync(other.replace('other', 'none'));
  expect((await om('audit', 'export', '--save', other.replace('other', 'none'))).stderr).toContain(
    '.sig is there already',
  );
  expect(existsSync(other.replace('other', 'none'))).toBe(false);
  expect(check(file, `${file}.sig`, Buffer.alloc(32, 7).toString('base64')).status).toBe(1);
});

it('is saved by om as a table, too, and so are acts', async () => {
  for (const [file, words] of [
    ['table.csv', ['export']],
    ['acts.csv', ['list', '--family', 'invites']],
    ['acts.jsonl', ['list']],
    ['some.csv', ['list', '--limit', '2']],
  ] as const) {
    const path = join(workspace.dir, file);
    const [told] = await om.json(['audit', ...words, '--save', path]);
    expect(told).toMatchObject({ file: path, signature: `${path}.sig`, whole: file !== 'some.csv' });
    expect(check(path)).toMatchObject({ status: file === 'some.csv' ? 2 : 0, stderr: '' });
  }
  expect(readFileSync(join(workspace.dir, 'table.csv'), 'utf8')).toContain(`,'=1+1,`);
  expect(readFileSync(join(workspace.dir, 'acts.csv'), 'utf8')).toMatch(
    /^\ufeffid,at,.*\r\n(.*,invites\.create,.*\r\n)+$/,
  );
  expect((await om('audit', 'list', '--follow', '--save', join(workspace.dir, 'x'))).code).toBe(3);
});

it.each(['jsonl', 'csv'] as const)(
  'signs the very bytes that a client saves as %s, of commands and of acts',
  async (format) => {
    for (const kind of ['commands', 'actions'] as const) {
      const file = join(workspace.dir, `${kind}.${format}`);
      const { text, seal } = kind === 'commands' ? await commands(format) : await actions(format);
      writeFileSync(file, text);
      writeFileSync(`${file}.sig`, JSON.stringify(seal));
      expect(check(file)).toMatchObject({ status: 0, stderr: '' });
    }
    const { items } = await admin.client.call('audit.list', { action: 'audit.exported' });
    expect(items[0]?.details).toMatchObject({
      kind: 'actions',
      format,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  },
);

it.each(['jsonl', 'csv'] as const)(
  'a file of %s that a limit cut is signed as what it is, and says so itself, to the script and to the audit',
  async (format) => {
    for (const kind of ['commands', 'actions'] as const) {
      const file = join(workspace.dir, `cut-${kind}.${format}`);
      const exported = (limit: number) => (kind === 'commands' ? commands(format, limit) : actions(format, limit));
      const { text, seal } = await exported(2);
      expect(seal?.whole).toBe(false);
      expect(text.trimEnd().split(/\r?\n/).at(-1)).toMatch(
        /^(\{"type":"om-export-cut","events":2\}|om-export-cut,2,+)$/,
      );
      writeFileSync(file, text);
      writeFileSync(`${file}.sig`, JSON.stringify(seal));
      expect(check(file)).toMatchObject({
        status: 2,
        stdout: expect.stringMatching(/^SIGNED, BUT CUT: there were more than these 2 events/),
        stderr: '',
      });
      // Without its last line it is another file.
      writeFileSync(file, text.slice(0, text.lastIndexOf(format === 'csv' ? 'om-export-cut' : '{"type"')));
      expect(check(file)).toMatchObject({ status: 1, stderr: expect.stringContaining('not the one that was signed') });
      const none = await exported(0);
      expect(none.seal?.whole).toBe(false);
    }
    // As many as there are: nothing was cut.
    expect((await commands(format, 4)).seal?.whole).toBe(true);
    const { items } = await admin.client.call('audit.list', { action: 'audit.exported', limit: 2 });
    expect(items.map(({ details }) => details.whole)).toEqual([true, false]);
  },
);

it('om says that a file was cut, and beside one that is not there the script says no more than that', async () => {
  const file = join(workspace.dir, 'newest.jsonl');
  expect(await om('audit', 'export', '--save', file, '--limit', '3')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/3 events, and there are more; signature: .*newest\.jsonl\.sig/),
  });
  expect(check(file)).toMatchObject({ status: 2 });
  rmSync(`${file}.sig`);
  expect(check(file)).toMatchObject({ status: 1, stderr: `NOT SIGNED: there is no ${file}.sig\n` });
});

it('is not signed when it goes on after a cut, nor when nobody asks', async () => {
  const { client } = admin;
  for await (const { seal } of client.stream('commands.export', {})) expect(seal).toBeUndefined();
  for await (const { seal } of client.stream('audit.export', { skip: 1, format: 'jsonl' }))
    expect(seal).toBeUndefined();
});

async function commands(format: AuditFileFormat, limit?: number) {
  let text = auditFileHead('commands', format);
  let found: ExportSeal | undefined;
  for await (const { events, seal } of admin.client.stream('commands.export', {
    format,
    ...(limit !== undefined && { limit }),
  })) {
    text += events.map((event) => auditFileLine('commands', event, format)).join('');
    found = seal;
    if (seal?.whole === false) text += auditFileCut('commands', format, limit ?? 0);
  }
  return { text, seal: found };
}

async function actions(format: AuditFileFormat, limit?: number) {
  let text = auditFileHead('actions', format);
  let found: ExportSeal | undefined;
  for await (const { events, seal } of admin.client.stream('audit.export', {
    format,
    ...(limit !== undefined && { limit }),
  })) {
    text += events.map((event) => auditFileLine('actions', event, format)).join('');
    found = seal;
    if (seal?.whole === false) text += auditFileCut('actions', format, limit ?? 0);
  }
  return { text, seal: found };
}
