import { parseInvite } from '@omanager/client';
import type { PageLink } from '@omanager/desktop-bridge';

const unknown: PageLink = { kind: 'unknown' };
const mostChars = 4000;

const id = /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/;
const word = /^[0-9A-Za-z][0-9A-Za-z._-]{0,99}$/;
const number = /^\d{1,9}$/;
const name = /^[\p{L}\p{N}_][\p{L}\p{N}_.:-]{0,252}$/u;
/** A selector, a search: for people to look at in a field, so anything that can be shown. */
const phrase = /^\P{C}{1,1000}$/u;

interface Target {
  /** The page's path; `{}` is what comes after the word. */
  readonly path: string;
  readonly rest?: RegExp;
  /** What may be asked for, and what the page calls it. */
  readonly query: Readonly<Record<string, { readonly is: RegExp; readonly as?: string }>>;
  /** Tabs with a path of their own. */
  readonly tabs?: ReadonlySet<string>;
}

/** The closed list. Every one of these shows something; what it fills in is marked as having come from a link. */
const targets: Readonly<Record<string, Target>> = {
  run: {
    path: '/runs/{}',
    rest: id,
    query: { attempt: { is: number }, host: { is: name } },
    tabs: new Set(['log', 'timeline', 'details', 'attempts']),
  },
  compose: {
    path: '/run',
    query: { module: { is: word }, hosts: { is: phrase, as: 'target' }, params: { is: phrase } },
  },
  host: { path: '/servers/host/{}', rest: name, query: {} },
  approval: { path: '/approvals/{}', rest: id, query: {} },
  session: { path: '/sessions/{}', rest: id, query: { t: { is: number } } },
  audit: { path: '/audit', query: { q: { is: phrase } } },
};

/** Reads an omanager:// link. Never throws; whatever is not on the list is `unknown`. */
export function parseDeepLink(text: string): PageLink {
  if (text.length > mostChars || !/^omanager:\/\//i.test(text) || !URL.canParse(text)) return unknown;
  const invite = inviteOf(text);
  if (invite) return invite;
  const { host, username, password, pathname, searchParams, hash } = new URL(text);
  const [empty, first = '', rest, ...more] = pathname.split('/');
  const target = Object.hasOwn(targets, first) ? targets[first] : undefined;
  if (!target || empty !== '' || more.length > 0 || username || password) return unknown;
  if (!/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)(:\d{1,5})?$/.test(host)) return unknown;
  if (target.rest ? rest === undefined || !target.rest.test(rest) : rest !== undefined && rest !== '') return unknown;
  const query = new URLSearchParams();
  for (const [key, { is, as = key }] of Object.entries(target.query)) {
    const value = searchParams.get(key);
    if (value !== null && is.test(value)) query.set(as, value);
  }
  query.set('from', 'link');
  const asked = searchParams.get('tab');
  const tab = asked !== null && target.tabs?.has(asked) ? `/${asked}` : '';
  const line = /^#L\d{1,9}(-L\d{1,9})?$/.test(hash) ? hash : '';
  return { kind: 'page', server: host, path: `${target.path.replace('{}', rest ?? '')}${tab}?${query}${line}` };
}

/** The link among the arguments that a second start of the application was given. */
export function deepLinkIn(argv: readonly string[]): string | null {
  return argv.find((arg) => /^omanager:\/\//i.test(arg)) ?? null;
}

function inviteOf(text: string): PageLink | null {
  try {
    parseInvite(text);
    return { kind: 'invite', text };
  } catch {
    return null;
  }
}
