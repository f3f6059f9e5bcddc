import type { Run } from '@omanager/contract';

/** A word as a shell takes it, whatever is in it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The `om` command that would run the same again. Secrets are not known here: they stand as they are shown. */
export function commandOf({ module, selector, params }: Pick<Run, 'module' | 'selector' | 'params'>): string {
  const given = Object.entries(params).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return ` -p ${quoted(`${name}=${text}`)}`;
  });
  return `om run ${quoted(`${module.id}@${module.version}`)} -t ${quoted(selector)}${given.join('')}`;
}
