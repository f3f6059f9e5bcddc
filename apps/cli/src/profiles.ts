import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { decodeKey } from '@omanager/secure-channel';
import { z } from 'zod';
import { CliError } from './errors.ts';

const keySchema = z.string().refine((text) => {
  try {
    return decodeKey(text).length === 32;
  } catch {
    return false;
  }
}, 'not a key');

/** One server as this computer knows it. The device key is this profile's own and never leaves the file. */
const profileSchema = z.object({
  name: z.string(),
  url: z.string(),
  serverKey: keySchema,
  deviceKey: z.object({ publicKey: keySchema, secretKey: keySchema }),
  session: z.string().nullable(),
  userName: z.string().nullable(),
});
export type Profile = z.infer<typeof profileSchema>;

export interface ProfileStore {
  list(): Promise<string[]>;
  /** Null when there is none of this name. */
  get(name: string): Promise<Profile | null>;
  save(profile: Profile): Promise<void>;
  remove(name: string): Promise<void>;
  /** The name that is meant when none is given; null before the first sign-in. */
  defaultName(): Promise<string | null>;
  setDefault(name: string): Promise<void>;
}

/** $OM_HOME, else the XDG configuration folder. */
export function profileHome(env: Readonly<Record<string, string | undefined>>): string {
  return env.OM_HOME || join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'omanager');
}

/** One 0600 file per profile in a 0700 folder; written aside and renamed, so a crash leaves the old one whole. */
export function createProfileStore(home: string): ProfileStore {
  const folder = join(home, 'profiles');
  const defaultFile = join(home, 'default');
  const fileOf = (name: string): string => join(folder, `${checkName(name)}.json`);

  async function write(path: string, text: string): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const aside = `${path}.${randomUUID()}`;
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  }

  return {
    async list() {
      const files = await readdir(folder).catch(nothing);
      const names = (files ?? []).filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
      return names.sort();
    },
    async get(name) {
      const path = fileOf(name);
      const text = await readFile(path, 'utf8').catch(nothing);
      if (text === null) return null;
      await requirePrivate(path);
      const parsed = profileSchema.safeParse(parseJson(text));
      if (!parsed.success)
        throw new CliError(`The profile file ${path} is damaged; remove it and sign in again (om login).`);
      return parsed.data;
    },
    save: (profile) => write(fileOf(profile.name), `${JSON.stringify(profileSchema.parse(profile), null, 2)}\n`),
    remove: (name) => rm(fileOf(name), { force: true }),
    async defaultName() {
      return (await readFile(defaultFile, 'utf8').catch(nothing))?.trim() || null;
    },
    setDefault: (name) => write(defaultFile, `${checkName(name)}\n`),
  };
}

function checkName(name: string): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,63}$/u.test(name)) return name;
  throw new CliError('A profile name has letters, digits, . _ - only and does not start with . or -.');
}

/** As ssh does with its keys: a secret that others can read is one no more. */
async function requirePrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw new CliError(`${path} can be read by others; run: chmod 600 ${path}`);
}

function nothing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
