import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};
const compressible = /^(text\/|application\/|image\/svg)/;
const worthBytes = 1024;

export type Encoding = 'br' | 'gzip' | 'identity';

/** One file of the built web app. */
export interface WebFile {
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly hashed: boolean;
  readonly content: Buffer;
  /** In the best encoding that the client takes; made once, when it is first asked for. */
  encoded(accepted: string): Promise<{ encoding: Encoding; body: Buffer }>;
}

/** What was built: for each request as it is on the disk now. */
export interface WebFiles {
  /** Null when the web app was not built. */
  page(): Promise<WebFile | null>;
  /** By the path of its URL. */
  file(path: string): Promise<WebFile | null>;
}

const againMs = 1000;

/**
 * Held in memory, and read again when index.html is another one: an update needs no restart. Assets of the version before
 * stay, so that pages that are open go on; of a build that is half written nothing is taken.
 */
export async function openWebFiles(root: string, now: () => number = Date.now): Promise<WebFiles> {
  let stamp = await stampOf(root);
  let files = await readWebFiles(root);
  let before: ReadonlyMap<string, WebFile> | null = null;
  let lookedAt = now();
  let reading: Promise<void> | null = null;

  async function readAgain(): Promise<void> {
    const next = await stampOf(root);
    if (next === stamp) return;
    const read = await readWebFiles(root);
    if (!read || !isWhole(read)) return;
    before = files;
    files = read;
    stamp = next;
  }
  async function look(): Promise<void> {
    if (reading === null && now() - lookedAt < againMs) return;
    lookedAt = now();
    reading ??= readAgain().finally(() => {
      reading = null;
    });
    await reading;
  }
  return {
    async page() {
      await look();
      return files?.get('/index.html') ?? null;
    },
    async file(path) {
      const old = before?.get(path);
      if (!files?.has(path) && !old?.hashed) await look();
      return files?.get(path) ?? (old?.hashed ? old : null);
    },
  };
}

const stampOf = (root: string): Promise<string> =>
  stat(join(root, 'index.html')).then(
    ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
    () => '',
  );

/** All that the page itself asks for is there. */
function isWhole(files: ReadonlyMap<string, WebFile>): boolean {
  const html = files.get('/index.html')?.content.toString('utf8') ?? '';
  return [...html.matchAll(/"(\/assets\/[^"]+)"/g)].every(([, path = '']) => files.has(path));
}

/** What was built, by the path of its URL; null when there is no index.html. Nothing else of the disk can be asked for. */
async function readWebFiles(root: string): Promise<ReadonlyMap<string, WebFile> | null> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, WebFile>();
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(root, file).split(sep).join('/')}`;
    // Gone since it was listed: another build is being written.
    const content = await readFile(file).catch(() => null);
    if (content) files.set(path, webFile(content, type, path.startsWith('/assets/')));
  }
  return files.has('/index.html') ? files : null;
}

function webFile(content: Buffer, type: string, hashed: boolean): WebFile {
  const made = new Map<Encoding, Promise<Buffer>>();
  const shrinks = compressible.test(type) && content.length >= worthBytes;
  return {
    type,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    hashed,
    content,
    async encoded(accepted) {
      const encoding = shrinks ? encodingOf(accepted) : 'identity';
      const body = made.get(encoding) ?? compress[encoding](content);
      made.set(encoding, body);
      return { encoding, body: await body };
    },
  };
}

const compress: Readonly<Record<Encoding, (content: Buffer) => Promise<Buffer>>> = {
  br: (content) => promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (content) => promisify(gzip)(content),
  identity: async (content) => content,
};

/** Those with `q=0` are refused; finer wishes are not worth a parser. */
function encodingOf(accepted: string): Encoding {
  const takes = (name: string): boolean =>
    new RegExp(`(^|,)\\s*${name}\\s*(;(?!\\s*q=0(\\.0*)?\\s*(,|$))|,|$)`).test(accepted);
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : 'identity';
}
