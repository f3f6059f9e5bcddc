import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
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

/** What was built, by the path of its URL; null when there is no index.html. Nothing else of the disk can be asked for. */
export async function readWebFiles(root: string): Promise<ReadonlyMap<string, WebFile> | null> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, WebFile>();
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(root, file).split(sep).join('/')}`;
    files.set(path, webFile(await readFile(file), type, path.startsWith('/assets/')));
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
