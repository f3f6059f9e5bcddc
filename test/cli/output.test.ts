import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { zipEntries } from '../lab/zipEntries.ts';
import { type ModuleFile, type Rig, runOn, startRig } from '../runs/rig.ts';
import { createOm, loginWith, type Om } from './om.ts';

/** Twenty lines; one server says something else, on standard error too. */
const says = `echo "$OM_HOST begins"
case $OM_HOST in h-003) echo "Error: disk full" >&2 ;; *) echo "disk fine" ;; esac
i=2; while [ $i -lt 20 ]; do i=$((i + 1)); echo "line $i"; done`;
/** 磁盘已满, of GBK. */
const gbk = `printf '\\264\\305\\305\\314\\322\\321\\302\\372\\n'`;
const evil = `printf '%s\\n' '=cmd|calc' '<script>1</script>'; printf '\\033]0;owned\\007\\302\\233\\n'`;
const modules: ModuleFile[] = [
  { id: 'test.says', shell: says },
  { id: 'test.evil', shell: evil },
  { id: 'test.gbk', shell: gbk },
];

describe.skipIf(!has('sshd', 'useradd'))('om and the output of a run', () => {
  let rig: Rig;
  let om: Om;
  let runId: string;
  beforeAll(async () => {
    rig = await startRig({ hosts: 4, modules });
    om = createOm();
    const { link } = await rig.client.call('invites.create', { role: 'admin' });
    await loginWith(om, link, 'ada');
    runId = (await runOn(rig.client, { module: 'test.says', selector: '*' })).run.id;
  });
  afterAll(async () => {
    om?.remove();
    await rig?.stop();
  });

  it('searches all of it, as grep does', async () => {
    const found = await om('runs', 'search', runId, 'disk');
    expect(found.code).toBe(0);
    expect(found.stdout.trim().split('\n').sort()).toEqual([
      'h-001:2: disk fine',
      'h-002:2: disk fine',
      expect.stringMatching(/^h-003:\d+! Error: disk full$/),
      'h-004:2: disk fine',
    ]);
    expect(found.stderr).toContain('4 lines found on 4 servers; searched 80 lines of 4 servers.');
    const some = await om('runs', 'search', runId, '^ERROR|^line (7|8)$', '--regex', '-i', '--host', 'h-[003-004]');
    expect(some.stdout.match(/h-003:\d+! Error: disk full/)).not.toBeNull();
    expect(some.stdout.match(/line [78]$/gm)).toHaveLength(4);
    const none = await om('runs', 'search', runId, 'DISK');
    expect([none.code, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toContain('0 lines found; searched 80 lines of 4 servers.');
    const limited = await om('runs', 'search', runId, 'line', '--limit', '2');
    expect(limited.stdout.trim().split('\n')).toHaveLength(2);
    expect(limited.stderr).toContain('70 more lines');
    expect((await om('runs', 'search', runId, '(', '--regex')).code).toBe(3);
  });

  it('gives programs hits and totals', async () => {
    const lines = await om.json(['runs', 'search', runId, 'full']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ type: 'hit', name: 'h-003', stream: 'stderr', matches: [[12, 16]] });
    expect(lines[1]).toMatchObject({ type: 'search', found: { hits: 1, hosts: 1 }, state: 'complete' });
  });

  it('folds, exactly or without what is each server’s own', async () => {
    expect((await om('runs', 'folds', runId)).stdout.match(/\(1\) {2}ok$/gm)).toHaveLength(4);
    const masked = (await om('runs', 'folds', runId, '--masked')).stdout;
    expect(masked).toContain('h-[001-002,004] (3)  ok\n');
    expect(masked).toContain('h-003 (1)  ok\n');
  });

  it('shows how a server differs from most', async () => {
    const differs = await om('runs', 'diff', runId, 'h-003', '--masked', '--context', '1');
    expect(differs.code).toBe(1);
    expect(differs.stdout).toContain('--- h-001 and 2 servers like it\n+++ h-003\n');
    expect(differs.stdout).toContain('- disk fine\n');
    expect(differs.stdout).toContain('+ Error: disk full\n');
    const same = await om('runs', 'diff', runId, 'h-004', '--with', 'h-002', '--masked');
    expect([same.code, same.stdout.includes('They are equal.')]).toEqual([0, true]);
    expect((await om('runs', 'diff', runId, 'h-004', '--with', 'h-002', '--stream', 'stderr')).code).toBe(0);
    expect((await om('runs', 'diff', runId, 'h-099')).code).toBe(3);
  });

  it('shows numbered lines, from the middle or the end', async () => {
    const middle = await om('runs', 'log', runId, 'h-001', '--lines', '2-4');
    expect(middle.stdout).toBe(' 2   disk fine\n 3   line 3\n 4   line 4\n');
    expect((await om('runs', 'log', runId, 'h-001', '--tail', '1')).stdout).toBe('20   line 20\n');
    expect((await om('runs', 'log', runId, 'h-003', '--stream', 'stderr')).stdout).toBe('1 ! Error: disk full\n');
    expect((await om('runs', 'log', runId, 'h-001')).stdout.split('\n')).toHaveLength(21);
    const lines = await om.json(['runs', 'log', runId, 'h-001', '--lines', '20-']);
    expect(lines.map(({ type }) => type)).toEqual(['line', 'log']);
    expect(lines[1]).toMatchObject({ totals: { lines: 20 }, over: true, cut: false });
    expect((await om('runs', 'log', runId, 'h-001', '--lines', '4-2')).code).toBe(3);
    expect(lines[0]).toMatchObject({ text: 'line 20', at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
    const { run } = await runOn(rig.client, { module: 'test.gbk', selector: 'h-001' });
    const timed = await om('runs', 'log', run.id, 'h-001', '--times');
    expect(timed.stdout).toMatch(/^1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* +磁盘已满\n$/);
    expect((await om('runs', 'log', run.id, 'h-001', '--read-as', 'utf-8')).stdout).not.toContain('磁');
  });

  it('takes a run out as a file of each kind, in which nothing acts and no secret of this device is', async () => {
    const { run } = await runOn(rig.client, { module: 'test.evil', selector: 'h-001' });
    const csv = await om('runs', 'export', run.id, '--format', 'csv');
    expect(csv.code).toBe(0);
    expect(csv.stdout).toMatch(/^"h-001","[^"]+","default",.*,"'=cmd\|calc"/m);
    const html = await om('runs', 'export', run.id, '--format', 'html');
    expect(html.stdout).toContain('&lt;script&gt;');
    expect(html.stdout).not.toContain('<script');
    const [row] = (await om('runs', 'export', run.id, '--format', 'jsonl')).stdout.trimEnd().split('\n');
    expect(JSON.parse(row ?? '')).toMatchObject({ name: 'h-001', stdout: expect.stringContaining('\u001b]0;owned') });
    const txt = await om('runs', 'export', runId, '--format', 'txt', '--host', 'h-[002-003]');
    expect(txt.stdout).toMatch(/\+\+\+\+ h-002 · ok · exit 0 · \d+ ms \+\+\+\+\nh-002 begins\ndisk fine\n/);
    expect(txt.stdout).not.toContain('h-001 begins');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    for (const { stdout } of [csv, html, txt]) expect(stdout).not.toMatch(/[\u0000-\u0008\u001b\u0080-\u009f]/);
    expect(row).not.toContain('\u009b');

    const file = join(om.home, '..', 'run.zip');
    const [saved] = await om.json(['runs', 'export', runId, '--format', 'zip', '--save', file]);
    expect(saved).toMatchObject({ type: 'saved', hosts: 4, bytes: statSync(file).size });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const files = zipEntries(readFileSync(file));
    expect([...files.keys()]).toEqual([...[1, 2, 3, 4].map((n) => `0000${n}-h-00${n}-1.log`), 'servers.csv']);
    expect(files.get('00003-h-003-1.log')?.toString()).toContain('Error: disk full\n');

    const { deviceKey, session } = JSON.parse(onlyProfile());
    const texts = [csv.stdout, html.stdout, txt.stdout, row, ...[...files.values()].map(String)].join('\n');
    for (const secret of [deviceKey.secretKey, session]) {
      expect(secret).toMatch(/.{20}/);
      expect(texts).not.toContain(secret);
    }
    const { items } = await rig.client.call('audit.list', { action: 'runs.export' });
    expect(items.map(({ actorName, details }) => [actorName, details.format])).toEqual(
      ['zip', 'txt', 'jsonl', 'html', 'csv'].map((format) => ['ada', format]),
    );
  });

  it('writes no archive where text is expected, and over no file', async () => {
    expect((await om('runs', 'export', runId, '--format', 'zip')).code).toBe(3);
    const file = om.file('there', 'mine');
    expect((await om('runs', 'export', runId, '--format', 'csv', '--save', file)).stderr).toContain('is there already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await om('runs', 'export', runId, '--format', 'csv', '--not-ok')).stderr).toContain('No server');
  });

  const onlyProfile = (): string => {
    const folder = join(om.home, 'profiles');
    return readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8');
  };

  it('keeps zone workers', async () => {
    await om.json(['zones', 'add', 'hk', '--reach', 'worker', '--parallel', '20']);
    expect((await om('zones', 'list')).stdout).toMatch(/hk +direct, by workers +ask +20 +0/);
    const key = `-${'k'.repeat(41)}A`;
    expect((await om('workers', 'add', 'hk-1', '--zone', 'hk', '--key', 'short')).code).toBe(3);
    const added = await om('workers', 'add', 'hk-1', '--zone', 'hk', '--key', key);
    expect([added.code, added.stdout]).toEqual([0, expect.stringContaining('Worker hk-1 may work for zone hk')]);
    expect((await om('workers', 'list')).stdout).toMatch(/hk-1 +hk +never seen +0/);
    expect((await om('workers', 'revoke', 'hk-1')).stdout).toContain('cut off');
    expect((await om('workers', 'list')).stdout).not.toContain('hk-1');
    expect((await om.json(['workers', 'list', '--all']))[0]).toMatchObject({ name: 'hk-1', state: 'revoked' });
  });
});
