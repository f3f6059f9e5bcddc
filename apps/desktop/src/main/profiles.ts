import { join } from 'node:path';
import { type BridgedProfile, profileSchema } from '@omanager/desktop-bridge';
import { z } from 'zod';
import { readJson, writePrivate } from './files.ts';

export interface Profiles {
  /** Last used first. */
  list(): BridgedProfile[];
  get(id: string): BridgedProfile | null;
  save(profile: BridgedProfile): void;
  remove(id: string): void;
}

const most = 200;

/** Server profiles in the folder given; nothing in them is secret. One that cannot be read is left out. */
export function createProfiles(folder: string): Profiles {
  const path = join(folder, 'profiles.json');
  const read = (): BridgedProfile[] =>
    (z.array(z.unknown()).safeParse(readJson(path)).data ?? []).flatMap(
      (item) => profileSchema.safeParse(item).data ?? [],
    );
  const write = (profiles: readonly BridgedProfile[]): void =>
    writePrivate(path, `${JSON.stringify(profiles.slice(0, most), null, 2)}\n`);
  const usedAt = ({ lastUsedAt, firstSeenAt }: BridgedProfile): number => Date.parse(lastUsedAt ?? firstSeenAt);

  return {
    list: () => read().sort((a, b) => usedAt(b) - usedAt(a)),
    get: (id) => read().find((profile) => profile.id === id) ?? null,
    save: (profile) => write([profileSchema.parse(profile), ...read().filter(({ id }) => id !== profile.id)]),
    remove: (id) => write(read().filter((profile) => profile.id !== id)),
  };
}
