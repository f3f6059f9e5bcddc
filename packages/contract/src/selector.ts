import { OmError } from './errors.ts';
import { expandRanges } from './hostRange.ts';
import { groupPathSchema, nameSchema } from './models/common.ts';
import { environmentSchema, hostNameSchema, labelKeySchema, labelValueSchema } from './models/inventory.ts';

/**
 * Who is meant, as a tree. The language, tightest first:
 *
 *     web-01  web-[01-40]  web-*  db-?      servers by name, by range, by wildcard (* and ? only)
 *     group:web/www                         the servers of a group and of all groups below it
 *     label:role=db  label:canary           by label and value, or by label alone
 *     env:prod  zone:hk  *                  by environment, by zone, all
 *     "…"                                   quotes round a name or value that holds spaces
 *     !x                                    all servers but x
 *     x & y                                 servers that are both
 *     x, y  or  x | y                       servers that are either
 *     ( … )                                 first what is inside
 *
 * An empty text is nobody.
 */
export type Selector =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'range'; readonly text: string }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'group'; readonly path: string }
  | { readonly kind: 'label'; readonly key: string; readonly value: string | null }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'zone'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Selector[] };

/** Bounds of one selector: characters, nesting, names it spells out, and all its other terms. */
export const selectorLimits = { length: 10_000, depth: 32, names: 20_000, terms: 100 } as const;

const anyTerm = ['a server name', 'group:…', 'label:…', 'env:…', 'zone:…', '*', '!', '('];
const endOfWord = /[\s,|&!()"]/;

/**
 * Reads a selector. Throws `SELECTOR_INVALID` whose message shows the place, with `details.position` (an index into
 * `text`) and `details.expected`.
 */
export function parseSelector(text: string): Selector {
  if (text.length > selectorLimits.length)
    throw refuse(text, selectorLimits.length, [`at most ${selectorLimits.length} characters`]);
  let at = 0;
  let names = 0;
  let terms = 0;

  skipSpace();
  if (at === text.length) return { kind: 'none' };
  const selector = union(0);
  if (at < text.length) throw fail(['&', ',', '|', 'the end']);
  return selector;

  function union(depth: number): Selector {
    return chain('or', ',|', () => chain('and', '&', () => term(depth)));
  }

  function chain(kind: 'and' | 'or', operators: string, next: () => Selector): Selector {
    const first = next();
    const of = [first];
    while (at < text.length && operators.includes(text.charAt(at))) {
      at++;
      of.push(next());
    }
    return of.length === 1 ? first : { kind, of };
  }

  function term(depth: number): Selector {
    skipSpace();
    const nested = text[at] === '(' || text[at] === '!';
    if (nested && depth >= selectorLimits.depth) throw fail([`at most ${selectorLimits.depth} levels of ( and !`]);
    const selector = text[at] === '(' ? parentheses(depth) : text[at] === '!' ? exclusion(depth) : word();
    skipSpace();
    return selector;
  }

  function parentheses(depth: number): Selector {
    at++;
    const inner = union(depth + 1);
    if (text[at] !== ')') throw fail(['&', ',', '|', ')']);
    at++;
    return inner;
  }

  function exclusion(depth: number): Selector {
    at++;
    return { kind: 'not', of: term(depth + 1) };
  }

  function word(): Selector {
    const start = at;
    while (at < text.length && !endOfWord.test(text.charAt(at))) at = text[at] === '[' ? afterBracket() : at + 1;
    const bare = text.slice(start, at);
    const mayBeQuoted = bare === '' || bare.endsWith(':') || bare.endsWith('=');
    const isQuoted = text[at] === '"' && mayBeQuoted;
    const rest = isQuoted ? quoted() : '';
    if (bare === '') {
      if (!isQuoted) throw fail(anyTerm);
      return checked(hostNameSchema, rest, start, 'a server name', (name) => ({ kind: 'name', name }));
    }
    const colon = bare.indexOf(':');
    if (colon < 0) return named(bare, start);
    return property(bare.slice(0, colon), bare.slice(colon + 1) + rest, start, start + colon + 1);
  }

  function property(prefix: string, value: string, start: number, valueStart: number): Selector {
    switch (prefix) {
      case 'group': {
        const expected = 'a group path such as web/www (the groups below it are taken in)';
        return checked(groupPathSchema, value, valueStart, expected, (path) => ({ kind: 'group', path }));
      }
      case 'label':
        return label(value, valueStart);
      case 'env':
        return checked(environmentSchema, value, valueStart, 'an environment such as prod', (name) => ({
          kind: 'environment',
          name,
        }));
      case 'zone':
        return checked(nameSchema, value, valueStart, 'the name of a zone', (name) => ({ kind: 'zone', name }));
      default:
        at = start;
        throw fail(['group:', 'label:', 'env:', 'zone:']);
    }
  }

  function label(text: string, start: number): Selector {
    const equals = text.indexOf('=');
    const key = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? null : text.slice(equals + 1);
    const selector = checked(labelKeySchema, key, start, 'a label such as role or role=db', (key) => ({
      kind: 'label',
      key,
      value,
    }));
    if (value !== null && !labelValueSchema.safeParse(value).success) {
      at = start + equals + 1;
      throw fail(['a label value (letters, digits, _ . : / @ + -)']);
    }
    return selector;
  }

  function named(word: string, start: number): Selector {
    if (/^\*+$/.test(word)) return countTerm({ kind: 'all' }, start);
    const isRange = /[[\]]/.test(word);
    const wrong = /^[-.]/.exec(word) ?? (isRange ? /[^\p{L}\p{N}_.[\],-]/u : /[^\p{L}\p{N}_.*?-]/u).exec(word);
    if (wrong) {
      at = start + wrong.index;
      if (isRange && /[*?]/.test(wrong[0])) throw fail(['a range or a wildcard, not both in one name']);
      throw fail([
        wrong[0] === '-' ? 'a server name; to exclude servers write !name' : 'letters, digits, . _ - in a name',
      ]);
    }
    if (isRange) return range(word, start);
    if (/[*?]/.test(word)) return countTerm({ kind: 'glob', pattern: word.replace(/\*+/g, '*') }, start);
    return checked(hostNameSchema, word, start, 'a server name of at most 200 characters', (name) => ({
      kind: 'name',
      name,
    }));
  }

  function range(word: string, start: number): Selector {
    countNames(expand(word, start).length, start);
    return { kind: 'range', text: word };
  }

  function expand(word: string, start: number): string[] {
    try {
      return expandRanges(word, selectorLimits.names);
    } catch (error) {
      if (!(error instanceof OmError) || typeof error.details?.position !== 'number') throw error;
      const why = error.message.replace(/^.*?: /, '').replace(/\.$/, '');
      throw refuse(text, start + error.details.position, ['a range such as web-[01-40,52]'], why);
    }
  }

  function checked(
    schema: { safeParse(value: string): { success: boolean } },
    value: string,
    start: number,
    expected: string,
    make: (value: string) => Selector,
  ): Selector {
    if (!schema.safeParse(value).success) {
      at = start;
      throw fail([expected]);
    }
    const selector = make(value);
    if (selector.kind === 'name') countNames(1, start);
    else countTerm(selector, start);
    return selector;
  }

  function countNames(more: number, start: number): void {
    names += more;
    if (names > selectorLimits.names) throw refuse(text, start, [`at most ${selectorLimits.names} names in all`]);
  }

  function countTerm(selector: Selector, start: number): Selector {
    terms++;
    if (terms > selectorLimits.terms)
      throw refuse(text, start, [`at most ${selectorLimits.terms} terms besides plain names; use groups or labels`]);
    return selector;
  }

  function quoted(): string {
    const start = at;
    let value = '';
    for (at++; at < text.length; at++) {
      if (text[at] === '"') {
        at++;
        return value;
      }
      if (text[at] === '\\' && at + 1 < text.length) at++;
      value += text.charAt(at);
    }
    at = start;
    throw fail(['a closing " after this one']);
  }

  function afterBracket(): number {
    const end = text.indexOf(']', at);
    return end < 0 ? text.length : end + 1;
  }

  function skipSpace(): void {
    while (at < text.length && /\s/.test(text.charAt(at))) at++;
  }

  function fail(expected: readonly string[]): OmError {
    return refuse(text, at, expected);
  }
}

const shownAround = 40;

function refuse(text: string, position: number, expected: readonly string[], why?: string): OmError {
  const list = expected.length > 1 ? `${expected.slice(0, -1).join(', ')} or ${expected.at(-1)}` : expected.join();
  const from = Math.max(0, position - shownAround);
  const shown = text.slice(from, position + shownAround).replace(/[\p{C}\p{Z}]/gu, ' ');
  // Wide characters take two columns: an ideographic space keeps the caret below its character.
  const indent = shown.slice(0, position - from).replace(/./gsu, (c) => (/[\u1100-\uffff]/.test(c) ? '\u3000' : ' '));
  const head = `The selector cannot be read at character ${position + 1}: ${why ?? `expected ${list}`}.`;
  return new OmError('SELECTOR_INVALID', `${head}\n  ${shown}\n  ${indent}^`, { position, expected });
}
