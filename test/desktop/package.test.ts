import { cpSync, existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPackage, extractFile, listPackage } from '@electron/asar';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { buildDesktop, desktopFolder, removeFolder, tempFolder } from './rig.ts';

const builder: unknown = parse(
  readFileSync(fileURLToPath(new URL('../../electron-builder.yml', import.meta.url)), 'utf8'),
);
const fromDesktop = createRequire(join(desktopFolder, 'package.json'));

describe('electron-builder.yml', () => {
  const required = createRequire(fromDesktop.resolve('electron-builder/package.json'));
  const schema: object = JSON.parse(
    readFileSync(join(dirname(required.resolve('app-builder-lib/package.json')), 'scheme.json'), 'utf8'),
  );
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);

  it('is what the builder takes, and a word that it does not know is refused', () => {
    expect(validate(builder), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...z.record(z.string(), z.unknown()).parse(builder), asarr: true })).toBe(false);
  });

  it('turns off what would run other code in the application, and takes it from the sealed archive only', () => {
    expect(builder).toMatchObject({
      asar: true,
      protocols: [{ schemes: ['omanager'] }],
      electronFuses: {
        runAsNode: false,
        enableNodeOptionsEnvironmentVariable: false,
        enableNodeCliInspectArguments: false,
        enableEmbeddedAsarIntegrityValidation: true,
        onlyLoadAppFromAsar: true,
      },
      win: { target: ['nsis'] },
      mac: { target: [{ target: 'dmg' }] },
      linux: { target: ['AppImage', 'deb', 'rpm'] },
    });
  });

  it('names the Electron that is declared', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(desktopFolder, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({
      devDependencies: { electron: z.object({ electronVersion: z.string() }).parse(builder).electronVersion },
    });
    // All is bundled: a dependency would be packed as a folder of files.
    expect(manifest).not.toHaveProperty('dependencies');
  });
});

describe('the packed files', () => {
  const folder = tempFolder('package');
  const archive = join(folder, 'app.asar');
  let files: string[] = [];

  beforeAll(async () => {
    // The list of the builder's file, applied to what lies in apps/desktop and to a build of now.
    const { files: patterns } = z.object({ files: z.array(z.string()) }).parse(builder);
    const [app, staged] = [join(folder, 'app'), join(folder, 'staged')];
    mkdirSync(app);
    cpSync(desktopFolder, app, {
      recursive: true,
      filter: (path) => !['node_modules', 'dist', 'release'].includes(path.slice(desktopFolder.length + 1)),
    });
    await buildDesktop(join(app, 'dist'));
    const left = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
    const taken = patterns.filter((pattern) => !pattern.startsWith('!'));
    for (const file of globSync(taken, { cwd: app, exclude: left })) {
      mkdirSync(dirname(join(staged, file)), { recursive: true });
      if (existsSync(join(app, file))) cpSync(join(app, file), join(staged, file), { recursive: true });
    }
    await createPackage(staged, archive);
    files = listPackage(archive, { isPack: false }).map((path) => path.replaceAll('\\', '/'));
  }, 120_000);
  afterAll(() => removeFolder(folder));

  it('are what runs, and nothing else', () => {
    const rest = files.filter((path) => !path.startsWith('/dist/web/assets/') && !path.startsWith('/dist/web/icons/'));
    expect(rest.toSorted()).toEqual(
      [
        '/dist',
        '/dist/main.js',
        '/dist/preload.cjs',
        '/dist/tray.png',
        '/dist/web',
        '/dist/web/assets',
        '/dist/web/icons',
        '/dist/web/index.html',
        '/dist/web/manifest.webmanifest',
        '/dist/web/sw.js',
        '/package.json',
      ].filter((path) => files.includes(path) || !path.startsWith('/dist/web/')),
    );
    const strange = files.filter((path) => /\.(ts|tsx|map|test|key|pem|sealed|env)$|node_modules/.test(path));
    expect(strange).toEqual([]);
  });

  it('hold no path of the machine that built them, and no key', () => {
    for (const name of ['dist/main.js', 'dist/preload.cjs']) {
      const text = extractFile(archive, name).toString('utf8');
      expect(text).not.toContain(fileURLToPath(new URL('../..', import.meta.url)));
      expect(text).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY-----\n/);
    }
  });

  it('load nothing but Node and Electron', () => {
    const text = extractFile(archive, 'dist/main.js').toString('utf8');
    const imported = [...text.matchAll(/^import .*? from "([^"]+)"/gm)].map(([, name]) => name ?? '');
    expect(imported.filter((name) => !name.startsWith('node:'))).toEqual(['electron']);
    const preload = extractFile(archive, 'dist/preload.cjs').toString('utf8');
    expect([...preload.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron']);
  });
});
