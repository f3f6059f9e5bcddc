import type { ModuleSummary } from '@omanager/contract';
import { matchesInitials } from './pinyin.ts';

type Searched = Pick<ModuleSummary, 'id' | 'legacyId' | 'title'>;

/** Whether a module is meant by what was typed: a part of its name in either language, its number, its id, or pinyin initials. All words must be. */
export function isMeant(module: Searched, typed: string): boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => isMeantBy(module, word));
}

function isMeantBy({ id, legacyId, title }: Searched, word: string): boolean {
  if (id.includes(word) || title.en.toLowerCase().includes(word) || title.zh.toLowerCase().includes(word)) return true;
  const number = word.replace(/^#/, '');
  if (/^\d+$/.test(number)) return legacyId !== null && String(legacyId).startsWith(number);
  return /^[a-z0-9]+$/.test(word) && matchesInitials(title.zh, word);
}
