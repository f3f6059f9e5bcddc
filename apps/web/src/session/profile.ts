import { z } from 'zod';

export const environments = ['prod', 'staging', 'test'] as const;

/** One server as this device knows it. Nothing in it is secret. */
const profileSchema = z.object({
  /** The server's public key, base64url: what a profile is about, whatever its name and address. */
  id: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  name: z.string().min(1).max(100),
  /** host:port */
  address: z.string().min(1).max(300),
  tls: z.boolean(),
  fingerprint: z.string().max(100),
  environment: z.enum(environments).nullable().catch(null),
  /** Who signed in last. */
  userName: z.string().max(50).nullable(),
  firstSeenAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type Profile = z.infer<typeof profileSchema>;

export interface Profiles {
  /** Last used first. */
  list(): Profile[];
  get(id: string): Profile | null;
  save(profile: Profile): void;
  remove(id: string): void;
}

const key = 'om.profiles';

/** Profiles in the storage given (a browser's localStorage); one that cannot be read is left out. */
export function createProfiles(storage: Pick<Storage, 'getItem' | 'setItem'>): Profiles {
  function read(): Profile[] {
    try {
      const items = z.array(z.unknown()).parse(JSON.parse(storage.getItem(key) ?? '[]'));
      return items.flatMap((item) => profileSchema.safeParse(item).data ?? []);
    } catch {
      return [];
    }
  }
  const usedAt = ({ lastUsedAt, firstSeenAt }: Profile): number => Date.parse(lastUsedAt ?? firstSeenAt);
  const others = (id: string): Profile[] => read().filter((profile) => profile.id !== id);

  return {
    list: () => read().sort((a, b) => usedAt(b) - usedAt(a)),
    get: (id) => read().find((profile) => profile.id === id) ?? null,
    save: (profile) => storage.setItem(key, JSON.stringify([...others(profile.id), profileSchema.parse(profile)])),
    remove: (id) => storage.setItem(key, JSON.stringify(others(id))),
  };
}
