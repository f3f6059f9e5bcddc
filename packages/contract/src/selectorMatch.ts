import { expandRanges } from './hostRange.ts';
import { type Selector, selectorLimits } from './selector.ts';

/** What a selector looks at. */
export interface SelectableHost {
  readonly name: string;
  /** Paths of its groups. */
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: string;
  readonly zone: string;
}

/** The text of a selector: parsing it gives the same tree again. */
export function formatSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'none':
      return '';
    case 'all':
      return '*';
    case 'name':
      return selector.name;
    case 'range':
      return selector.text;
    case 'glob':
      return selector.pattern;
    case 'group':
      return `group:${quoteSpaces(selector.path)}`;
    case 'label':
      return `label:${selector.key}${selector.value === null ? '' : `=${selector.value}`}`;
    case 'environment':
      return `env:${selector.name}`;
    case 'zone':
      return `zone:${selector.name}`;
    case 'not':
      return `!${formatPart(selector.of, ['and', 'or'])}`;
    case 'and':
      return selector.of.map((part) => formatPart(part, ['and', 'or'])).join(' & ');
    case 'or':
      return selector.of.map((part) => formatPart(part, ['or'])).join(', ');
  }
}

function formatPart(part: Selector, inParentheses: readonly Selector['kind'][]): string {
  // Nobody has no text of its own inside an expression.
  if (part.kind === 'none') return '!*';
  return inParentheses.includes(part.kind) ? `(${formatSelector(part)})` : formatSelector(part);
}

function quoteSpaces(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}

/** Whether the selector means this server. For many servers make a `matcherOf` once. */
export function matches(selector: Selector, host: SelectableHost): boolean {
  return matcherOf(selector)(host);
}

/** The selector as a predicate. The server asks its database instead, with the same answer. */
export function matcherOf(selector: Selector): (host: SelectableHost) => boolean {
  switch (selector.kind) {
    case 'none':
      return () => false;
    case 'all':
      return () => true;
    case 'name':
      return (host) => host.name === selector.name;
    case 'range': {
      const names = new Set(expandRanges(selector.text, selectorLimits.names));
      return (host) => names.has(host.name);
    }
    case 'glob': {
      const pattern = Array.from(selector.pattern);
      return (host) => matchesGlob(pattern, Array.from(host.name));
    }
    case 'group':
      return (host) => host.groups.some((path) => path === selector.path || path.startsWith(`${selector.path}/`));
    case 'label': {
      const { key, value } = selector;
      return ({ labels }) => Object.hasOwn(labels, key) && (value === null || labels[key] === value);
    }
    case 'environment':
      return (host) => host.environment === selector.name;
    case 'zone':
      return (host) => host.zone === selector.name;
    case 'not': {
      const excluded = matcherOf(selector.of);
      return (host) => !excluded(host);
    }
    case 'and': {
      const parts = selector.of.map(matcherOf);
      return (host) => parts.every((part) => part(host));
    }
    case 'or': {
      const parts = selector.of.map(matcherOf);
      return (host) => parts.some((part) => part(host));
    }
  }
}

/** `*` and `?` without backtracking further than the last star. */
function matchesGlob(pattern: readonly string[], name: readonly string[]): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let n = 0; n < name.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (pattern[p] === '?' || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
