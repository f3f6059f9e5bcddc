import { z } from 'zod';
import { safeStorage } from '../session/storage.ts';

const most = 20;
const storage = safeStorage();
const nameOf = (person: string): string => `om.recent:${person}`;

/** What this person chose in the palette last, the last first: keys of entries. */
export function recents(person: string): readonly string[] {
  try {
    return z
      .array(z.string().max(300))
      .max(most)
      .parse(JSON.parse(storage.getItem(nameOf(person)) ?? '[]'));
  } catch {
    return [];
  }
}

export function rememberRecent(person: string, key: string): void {
  const next = [key, ...recents(person).filter((other) => other !== key)].slice(0, most);
  storage.setItem(nameOf(person), JSON.stringify(next));
}
