import { createHash } from 'node:crypto';
import { type Host, type HostDraft, hostDraftSchema, type ImportPreview } from '@omanager/contract';
import { draftOf } from '../hosts.ts';
import { missingNames, type NamedIds } from '../hostWriter.ts';
import type { ImportedHost, ParsedImport, Problem } from './fields.ts';
import { firstProblems } from './parse.ts';

export interface ImportDiff {
  readonly added: readonly HostDraft[];
  readonly changed: readonly { readonly before: Host; readonly after: HostDraft }[];
  readonly removed: readonly Host[];
  readonly unchanged: number;
  readonly problems: readonly Problem[];
}

/** What the file would make of each server that it names. */
export function planImport(parsed: ParsedImport, known: ReadonlyMap<string, Host>): Drafts {
  const problems = [...parsed.problems];
  const drafts: Drafts['drafts'] = [];
  for (const host of parsed.hosts) {
    const before = known.get(host.name);
    const after = before ? { ...draftOf(before), ...host.fields } : newHost(host);
    if ('message' in after) problems.push(after);
    else drafts.push({ line: host.line, before, after: draftOf(after) });
  }
  return { drafts, problems };
}

export interface Drafts {
  drafts: { line: number; before: Host | undefined; after: HostDraft }[];
  problems: Problem[];
}

function newHost({ line, name, fields }: ImportedHost): HostDraft | Problem {
  const draft = hostDraftSchema.safeParse({ user: 'root', address: name, ...fields, name });
  return draft.success ? draft.data : { line, message: `${name} is new and needs an address.` };
}

export function diffOf({ drafts, problems }: Drafts, removed: readonly Host[], ids: NamedIds): ImportDiff {
  const all = [...problems];
  for (const { line, after } of drafts) {
    for (const message of missingNames(after, ids)) all.push({ line, message });
  }
  const added = drafts.filter((draft) => draft.before === undefined).map((draft) => draft.after);
  const changed = drafts.flatMap(({ before, after }) =>
    before && fieldsOf(draftOf(before), after).length > 0 ? [{ before, after }] : [],
  );
  return {
    added,
    changed,
    removed,
    unchanged: drafts.length - added.length - changed.length,
    problems: firstProblems(all),
  };
}

export function previewOf(diff: ImportDiff): ImportPreview {
  return {
    digest: digestOf(diff),
    added: [...diff.added],
    changed: diff.changed.map(({ before, after }) => ({ name: after.name, fields: fieldsOf(draftOf(before), after) })),
    removed: diff.removed.map((host) => host.name),
    unchanged: diff.unchanged,
    problems: [...diff.problems],
  };
}

/** Everything that an import would write, and what it would write over. */
export function digestOf({ added, changed, removed }: ImportDiff): string {
  const facts = {
    added,
    changed: changed.map(({ before, after }) => [before.id, before.updatedAt, draftOf(before), after]),
    removed: removed.map((host) => [host.id, host.updatedAt, draftOf(host)]),
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

type Field = ImportPreview['changed'][number]['fields'][number];

function fieldsOf(before: HostDraft, after: HostDraft): Field[] {
  return (Object.keys(after) as (keyof HostDraft)[]).flatMap((field) => {
    const [from, to] = [shown(before[field]), shown(after[field])];
    return from === to ? [] : [{ field, from, to }];
  });
}

function shown(value: HostDraft[keyof HostDraft]): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.join('; ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([key, text]) => (text === '' ? key : `${key}=${text}`))
    .join('; ');
}
