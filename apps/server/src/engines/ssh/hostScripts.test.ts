import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RenderedScript, renderShell } from '@omanager/task-module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptFiles, fetchScript, type Install, installScript } from './hostScripts.ts';
import type { StagedFile } from './stage.ts';

const shells = [['sh'], ['bash'], ['busybox', 'sh']].filter(
  ([command = '', ...words]) => spawnSync(command, [...words, '-c', 'exit 0']).status === 0,
);

describe.each(shells)('scripts for files of another user, under %s', (...shell) => {
  let folder: string;
  let from: StagedFile;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'om-scripts-')));
    from = stage('staged', 'new\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function stage(name: string, content: string): StagedFile {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { path, size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  }

  function run({ prologue, body }: RenderedScript) {
    const [command = '', ...words] = shell;
    const { status, stdout, stderr } = spawnSync(command, [...words, '-c', prologue + body], { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  const install = (change: Partial<Install> = {}) =>
    run(
      installScript({
        ...{ from, folder, name: 'app.conf', mode: '', owner: '', backup: '', temporary: '.om-random' },
        ...change,
      }),
    );

  it('install a file and say its checksum', () => {
    expect(install()).toEqual({ status: 0, stdout: `${from.sha256}  ${folder}/app.conf\n`, stderr: '' });
    expect(readFileSync(join(folder, 'app.conf'), 'utf8')).toBe('new\n');
    expect(readdirSync(folder).sort()).toEqual(['app.conf', 'staged']);
  });

  it.each(['bad\n', 'ne', ''])('do not install a file that became %j after it was staged', (content) => {
    writeFileSync(from.path, content);
    writeFileSync(join(folder, 'app.conf'), 'old\n');
    const { status, stdout, stderr } = install({ backup: 'app.conf.~1~' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('arrived damaged');
    expect(readFileSync(join(folder, 'app.conf'), 'utf8')).toBe('old\n');
    expect(readdirSync(folder).sort()).toEqual(['app.conf', 'staged']);
  });

  it('read no more of a staged file than what was planned', () => {
    writeFileSync(from.path, 'new\nand so on');
    expect(install()).toMatchObject({ status: 0 });
    expect(readFileSync(join(folder, 'app.conf'), 'utf8')).toBe('new\n');
  });

  it('do not install over a name that is taken for the temporary file', () => {
    writeFileSync(join(folder, '.om-random'), 'of somebody\n');
    expect(install().status).not.toBe(0);
    expect(existsSync(join(folder, 'app.conf'))).toBe(false);
    expect(readFileSync(from.path, 'utf8')).toBe('new\n');
  });

  it('adopt files ahead of a body, or run none of it', () => {
    const own = join(folder, 'own');
    const body = renderShell({ source: `cat ${own}/data; echo ran`, params: {}, env: {} });
    const adopt = () => run(adoptFiles(body, [{ from, to: `${own}/data` }], own));
    expect(adopt()).toEqual({ status: 0, stdout: 'new\nran\n', stderr: '' });
    // The folder is there already: it may be somebody's trap.
    expect(adopt()).toMatchObject({ status: 96, stdout: '' });
    rmSync(own, { recursive: true });
    writeFileSync(from.path, 'bad\n');
    const { status, stdout, stderr } = adopt();
    expect({ status, stdout }).toEqual({ status: 96, stdout: '' });
    expect(stderr).toContain('not the one that was planned');
  });

  it('print a file up to a limit', () => {
    expect(run(fetchScript(from.path, 4))).toEqual({ status: 0, stdout: 'new\n', stderr: '' });
    expect(run(fetchScript(from.path, 3))).toMatchObject({ status: 1, stdout: '' });
    expect(run(fetchScript(folder, 100))).toMatchObject({ status: 1, stdout: '' });
  });
});
