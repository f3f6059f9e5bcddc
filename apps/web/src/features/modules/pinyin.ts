/** The first character of each initial in the order of pinyin; there is no word in i, u and v. */
const borders = [
  ...['a阿', 'b八', 'c嚓', 'd咑', 'e妸', 'f发', 'g旮', 'h哈', 'j丌', 'k咔', 'l垃', 'm妈', 'n拏', 'o噢', 'p妑'],
  ...['q七', 'r呥', 's仨', 't他', 'w屲', 'x夕', 'y丫', 'z帀'],
];

/** Characters that people also read otherwise, among those that titles of modules have. */
const otherReadings: Readonly<Record<string, string>> = {
  ...{ 重: 'c', 行: 'h', 长: 'c', 调: 't', 传: 'z', 降: 'x', 单: 's', 系: 'j', 弹: 'd', 数: 's', 都: 'd', 藏: 'z' },
};

let order: Intl.Collator | undefined;
const known = new Map<string, string>();

/**
 * The letters that each character of a text may begin with in pinyin, by the order that every browser has built in:
 * `重启` is `['zc', 'q']`. A letter or digit stands for itself, everything else for nothing.
 */
export function initialsOf(text: string): string[] {
  return [...text].map(initialOf);
}

function initialOf(char: string): string {
  if (/^[a-z0-9]$/i.test(char)) return char.toLowerCase();
  if (!/^\p{Script=Han}$/u.test(char)) return '';
  let letters = known.get(char);
  if (letters === undefined) {
    order ??= new Intl.Collator('zh-Hans-CN-u-co-pinyin');
    const collator = order;
    const border = borders.findLast((one) => collator.compare(one.slice(1), char) <= 0);
    letters = `${border?.charAt(0) ?? 'a'}${otherReadings[char] ?? ''}`;
    known.set(char, letters);
  }
  return letters;
}

/** Whether letters are the initials of characters that stand beside each other somewhere in a text. */
export function matchesInitials(text: string, letters: string): boolean {
  const initials = initialsOf(text).filter((one) => one !== '');
  const typed = [...letters];
  for (let from = 0; from + typed.length <= initials.length; from++) {
    if (typed.every((letter, i) => initials[from + i]?.includes(letter))) return true;
  }
  return false;
}
