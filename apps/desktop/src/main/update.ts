import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { UpdateState } from '@omanager/desktop-bridge';
import { isNewer, readManifest, type UpdateFile, type UpdateSource } from './updateManifest.ts';

interface UpdateOptions {
  /** Null where the package names none: then there are no updates. */
  source: UpdateSource | null;
  current: string;
  /** Such as `win32-x64`. */
  target: string;
  folder: string;
  fetch: (url: string, init: { redirect: 'error'; signal: AbortSignal }) => Promise<Response>;
  /** Whether this window follows runs now. */
  busy(): boolean;
  tell(state: UpdateState): void;
  /** Hands a verified installer to the system and quits. */
  install(path: string): Promise<void>;
}

const mostManifestBytes = 64 * 1024;
const manifestMs = 30_000;
const fileMs = 30 * 60_000;

export interface Updates {
  check(): Promise<UpdateState>;
  /** Never while runs are followed. */
  install(): Promise<UpdateState>;
}

/** Looks for a newer version when asked, fetches it quietly, and installs it only when a person says so. */
export function createUpdates({ source, current, target, folder, fetch, busy, tell, install }: UpdateOptions): Updates {
  let ready: { version: string; path: string; file: UpdateFile } | null = null;
  let checking: Promise<UpdateState> | null = null;

  async function get(name: string, ms: number): Promise<Response> {
    if (source === null) throw new Error('this package names no place for updates');
    const answer = await fetch(new URL(name, source.url).href, { redirect: 'error', signal: AbortSignal.timeout(ms) });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer;
  }

  async function look(): Promise<UpdateState> {
    if (source === null) return { kind: 'none' };
    try {
      const manifest = readManifest(
        await limited(await get('latest.json', manifestMs), mostManifestBytes),
        Buffer.from(await limited(await get('latest.json.sig', manifestMs), 1024)).toString('utf8'),
        source.publicKey,
      );
      const { version, files } = manifest;
      const file = files[target];
      if (!file || !isNewer(version, current)) return { kind: 'none' };
      if (ready?.version === version) return { kind: 'ready', version };
      tell({ kind: 'loading', version });
      ready = { version, file, path: await download(await get(file.name, fileMs), file, folder) };
      return { kind: 'ready', version };
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    check() {
      checking ??= look()
        .then((state) => {
          tell(state);
          return state;
        })
        .finally(() => {
          checking = null;
        });
      return checking;
    },
    async install() {
      if (ready === null) return { kind: 'none' };
      const { version, path, file } = ready;
      if (busy()) return { kind: 'waiting', version };
      // It lay on the disk since it was fetched.
      if ((await hashOf(path)) !== file.sha512) {
        ready = null;
        return { kind: 'failed', reason: 'the installer was altered after it was fetched' };
      }
      await install(path);
      return { kind: 'ready', version };
    },
  };
}

/** Writes what is exactly as long as the manifest says and has its hash; nothing else stays. */
async function download(answer: Response, { name, size, sha512 }: UpdateFile, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const aside = `${path}.part`;
  const hash = createHash('sha512');
  const file = await open(aside, 'wx', 0o700);
  let bytes = 0;
  try {
    for await (const chunk of answer.body ?? []) {
      bytes += chunk.length;
      if (bytes > size) throw new Error(`${name} is longer than the manifest says`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    if (bytes !== size || hash.digest('base64') !== sha512) throw new Error(`${name} is not what the manifest names`);
    await file.sync();
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(aside, path);
  return path;
}

async function limited(answer: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > most) throw new Error('the manifest is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha512');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch {
    return null;
  }
  return hash.digest('base64');
}
