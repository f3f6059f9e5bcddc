import { matchesInitials } from '../features/modules/pinyin.ts';

/**
 * How well a text is meant by what was typed: the higher the better, 0 not at all. A part of it counts most, at the
 * beginning of a word above all; then pinyin initials; then its letters in their order, somewhere.
 */
export function matchScore(text: string, typed: string): number {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  let total = 1;
  for (const word of words) {
    const score = wordScore(text.toLowerCase(), word);
    if (score === 0) return 0;
    total += score;
  }
  return total;
}

function wordScore(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at === 0) return 100;
  if (at > 0) return /[\p{L}\p{N}]/u.test(text.charAt(at - 1)) ? 50 : 80;
  if (/^[a-z0-9]+$/.test(word) && /\p{Script=Han}/u.test(text) && matchesInitials(text, word)) return 60;
  return word.length > 2 && isWithin(text, word) ? 10 : 0;
}

/** Its letters one after the other, with others between. */
function isWithin(text: string, word: string): boolean {
  let from = 0;
  for (const letter of word) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}
