import {
  type HostFilter,
  type HostSort,
  hostFilters,
  hostSorts,
  type OmError,
  type ParamsIn,
  parseSelector,
} from '@omanager/contract';
import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { z } from 'zod';
import { asOmError } from '../../data/calls.ts';

/** What the screen shows. It is in the address, so that Back and a link show the same. */
export interface View {
  readonly environment: string | null;
  readonly group: string | null;
  readonly zone: string | null;
  /** As typed: a selector, or a part of a name. */
  readonly query: string;
  readonly only: HostFilter | null;
  readonly sort: HostSort;
  readonly descending: boolean;
  /** The server in the drawer. */
  readonly host: string | null;
}

const onlySchema = z.enum(hostFilters).nullable().catch(null);
const sortSchema = z.enum(hostSorts).catch('name');

const names = {
  environment: 'env',
  group: 'group',
  zone: 'zone',
  query: 'q',
  only: 'only',
  sort: 'sort',
  host: 'host',
};

export function useView(): [View, (change: Partial<View>) => void] {
  const [search, setSearch] = useSearchParams();
  const view = useMemo(() => readView(search), [search]);
  return [view, (change) => setSearch(writeView({ ...view, ...change }), { replace: change.query !== undefined })];
}

export function readView(search: URLSearchParams): View {
  return {
    environment: search.get(names.environment),
    group: search.get(names.group),
    zone: search.get(names.zone),
    query: search.get(names.query) ?? '',
    only: onlySchema.parse(search.get(names.only)),
    sort: sortSchema.parse(search.get(names.sort)),
    descending: search.get('desc') === '1',
    host: search.get(names.host),
  };
}

export function writeView(view: View): URLSearchParams {
  const search = new URLSearchParams();
  for (const key of ['environment', 'group', 'zone', 'only', 'host'] as const) {
    const value = view[key];
    if (value !== null) search.set(names[key], value);
  }
  if (view.query !== '') search.set(names.query, view.query);
  if (view.sort !== 'name') search.set(names.sort, view.sort);
  if (view.descending) search.set('desc', '1');
  return search;
}

/** The selector of what was typed, or why it is none. A bare word means every name that holds it. */
export function readQuery(typed: string): { selector: string; error: null } | { selector: null; error: OmError } {
  const text = typed.trim();
  if (text === '') return { selector: '*', error: null };
  const selector = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(text) ? `*${text}*` : text;
  try {
    parseSelector(selector);
    return { selector, error: null };
  } catch (error) {
    return { selector: null, error: asOmError(error) };
  }
}

/** Everything of the view that a selector can say, as one. */
export function selectorOf(view: Pick<View, 'environment' | 'group' | 'zone'>, query: string): string {
  const parts = [
    ...(view.environment === null ? [] : [`env:${view.environment}`]),
    ...(view.group === null ? [] : [groupTerm(view.group)]),
    ...(view.zone === null ? [] : [`zone:${view.zone}`]),
    ...(query === '*' ? [] : [/[,|]/.test(query) ? `(${query})` : query]),
  ];
  return parts.length === 0 ? '*' : parts.join(' & ');
}

const groupTerm = (path: string): string => (/\s/.test(path) ? `group:"${path}"` : `group:${path}`);

/** What the table asks the server for, but its place. */
export type TableParams = Pick<ParamsIn<'hosts.table'>, 'selector' | 'only' | 'sort' | 'descending'>;

export function tableParams(view: View, selector: string): TableParams {
  const { only, sort, descending } = view;
  return { selector, sort, descending, ...(only === null ? {} : { only }) };
}
