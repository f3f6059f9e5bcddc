import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generated, withPart } from './docsText.ts';
import { root } from './repo.ts';

/** `npm run docs`: writes the tables of the docs anew from the code. */
for (const [file, parts] of Object.entries(generated)) {
  let text = await readFile(join(root, file), 'utf8');
  for (const [name, write] of Object.entries(parts)) {
    const fresh = withPart(text, name, write());
    if (fresh === undefined) throw new Error(`${file}: the markers of the part "${name}" are missing`);
    text = fresh;
  }
  await writeFile(join(root, file), text);
}
