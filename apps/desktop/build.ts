import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';

/**
 * Makes everything that the package holds: main process and preload in one file each, and a copy of the web build. Updates
 * are looked for where `OM_UPDATE_URL` and `OM_UPDATE_KEY` say; without them, nowhere.
 */
const here = import.meta.dirname;
const { values } = parseArgs({ options: { out: { type: 'string', default: join(here, 'dist') } } });
const out = values.out;
const web = join(here, '../web/dist');

if (!existsSync(join(web, 'index.html'))) throw new Error('Build the page first: npm run build -w apps/web');
rmSync(out, { recursive: true, force: true });
await bundle('src/main/main.ts', 'main.js', 'es');
await bundle('src/preload/preload.ts', 'preload.cjs', 'cjs');
cpSync(web, join(out, 'web'), { recursive: true, filter: (path) => !path.endsWith('.map') });
for (const icon of ['tray.png']) cpSync(join(here, 'icons', icon), join(out, icon));
const { OM_UPDATE_URL: url, OM_UPDATE_KEY: publicKey } = process.env;
if (url && publicKey) writeFileSync(join(out, 'update.json'), `${JSON.stringify({ url, publicKey })}\n`);

/** With all that it imports: the package has no node_modules. */
async function bundle(entry: string, name: string, format: 'es' | 'cjs'): Promise<void> {
  await build({
    root: here,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir: out,
      emptyOutDir: false,
      target: 'es2024',
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        // The last two are faster parts of ws that it does without.
        external: ['electron', 'bufferutil', 'utf-8-validate'],
        output: { format, entryFileNames: name, codeSplitting: false },
      },
    },
  });
}
