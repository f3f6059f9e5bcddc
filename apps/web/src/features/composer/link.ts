import { OmError, parseSelector } from '@omanager/contract';
import { z } from 'zod';
import { type Field, isOpen, splitValues, type Values } from '../../forms/params.ts';
import type { Selection } from '../servers/selection.ts';

export type LinkProblem =
  | { readonly what: 'module' | 'selector'; readonly given: string; readonly message: string }
  | { readonly what: 'params' | 'param' | 'secret'; readonly given: string };

/** What an address fills in. It only fills in: nothing of it starts anything. */
export interface Link {
  readonly module: string | null;
  readonly selector: string | null;
  readonly params: Values;
  readonly problems: readonly LinkProblem[];
}

const names = ['module', 'selector', 'targets', 'target', 'hosts', 'select', 'params'];
const most = { module: 160, selector: 10_000, params: 8000 };
const valuesSchema = z.record(
  z.string().max(64),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).max(1000)]),
);

/** Reads an address; null: it asks for nothing. Whatever it holds, something is answered. */
export function readLink(search: URLSearchParams): Link | null {
  if (!names.some((name) => search.has(name))) return null;
  const problems: LinkProblem[] = [];
  const module = search.get('module');
  const asked = ['selector', 'targets', 'target', 'hosts', 'select'].map((name) => search.get(name)).find(Boolean);
  let selector = asked ?? null;
  try {
    if (selector !== null) parseSelector(selector.slice(0, most.selector + 1));
  } catch (error) {
    const message = error instanceof OmError ? error.message : '';
    problems.push({ what: 'selector', given: cut(selector ?? ''), message });
    selector = null;
  }
  const tooLong = module !== null && module.length > most.module;
  if (tooLong) problems.push({ what: 'module', given: cut(module), message: '' });
  const params = readParams(search.get('params'));
  if (params === null) problems.push({ what: 'params', given: cut(search.get('params') ?? '') });
  return { module: tooLong ? null : module, selector, params: params ?? {}, problems };
}

function readParams(text: string | null): Values | null {
  if (text === null || text === '') return {};
  if (text.length > most.params) return null;
  try {
    return valuesSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** What a link fills into a form: nothing unknown, and never a secret, which nobody should have put into an address. */
export function fillOf(fields: readonly Field[], params: Values): { values: Values; problems: LinkProblem[] } {
  const values: Record<string, unknown> = {};
  const problems: LinkProblem[] = [];
  for (const [name, value] of Object.entries(params)) {
    const field = fields.find((one) => one.name === name);
    if (!field) problems.push({ what: 'param', given: cut(name) });
    else if (!isOpen(field)) problems.push({ what: 'secret', given: name });
    else values[name] = value;
  }
  return { values, problems };
}

/** The address that fills in the same, for others, without secrets and files: of this page, or the desktop's own kind. */
export function linkFor(base: string, { module, selector, fields, values }: LinkParts): string {
  const { params } = splitValues(fields.filter(isOpen), values);
  const onDesktop = base.startsWith('omanager://');
  const query = new URLSearchParams({
    module,
    ...(selector === null ? {} : { [onDesktop ? 'hosts' : 'targets']: selector }),
    ...(Object.keys(params).length === 0 ? {} : { params: JSON.stringify(params) }),
  });
  return `${base}/${onDesktop ? 'compose' : 'run'}?${query}`;
}

interface LinkParts {
  module: string;
  selector: string | null;
  fields: readonly Field[];
  values: Values;
}

/** A selector as a choice. How many it means is known when the plan is there. */
export function selectionOf(selector: string, total: number): Selection {
  return { kind: 'matching', selector, total };
}

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
