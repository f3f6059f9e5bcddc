import { generated, withPart } from './docsText.ts';
import type { Guard, Verdict } from './guard.ts';
import type { Repo } from './repo.ts';

/** Tables in the docs equal the code: what is missing, superfluous or reworded shows as a difference. */
export const docs: Guard = {
  name: 'docs equal code (npm run docs)',
  atLeast: 100,
  what: 'table rows',
  look: checkDocs,
};

export function checkDocs(repo: Repo): Verdict {
  const problems: string[] = [];
  let looked = 0;
  for (const [file, parts] of Object.entries(generated)) {
    const text = repo.get(file) ?? '';
    for (const [name, write] of Object.entries(parts)) {
      const part = write();
      const fresh = withPart(text, name, part);
      looked += part.split('\n').length - 2;
      if (fresh === undefined) problems.push(`${file}: the markers of the part "${name}" are missing`);
      else if (fresh !== text)
        problems.push(`${file}: the part "${name}" is not what the code says; run: npm run docs`);
    }
  }
  return { looked, problems };
}
