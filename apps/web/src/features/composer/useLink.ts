import { useEffect, useRef } from 'react';
import { useSearchParams } from 'wouter';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { defaultsOf, fieldsOf } from '../../forms/params.ts';
import { changeDraft, type Draft, draft } from './draft.ts';
import { fillOf, type Link, type LinkProblem, readLink, selectionOf } from './link.ts';

/** Fills in what the address asks for, once, says what of it could not be, and takes it out of the address. */
export function useLink(): void {
  const { client } = useSession();
  const [search, setSearch] = useSearchParams();
  const clear = useRef(() => {});
  clear.current = () => setSearch(new URLSearchParams(), { replace: true });
  const asked = search.toString();
  useEffect(() => {
    const link = readLink(new URLSearchParams(asked));
    if (link === null) return;
    const stop = new AbortController();
    const fill = async () => {
      const change = await filledBy(link, client, stop.signal);
      if (stop.signal.aborted) return;
      changeDraft(change);
      clear.current();
    };
    void fill();
    return () => stop.abort();
  }, [client, asked]);
}

/** What a link changes of the draft. Never throws: what the server refuses is one of its problems. */
async function filledBy(
  link: Link,
  client: ReturnType<typeof useSession>['client'],
  signal: AbortSignal,
): Promise<Partial<Draft>> {
  const problems: LinkProblem[] = [...link.problems];
  const refused = (what: 'module' | 'selector', given: string) => (error: unknown) => {
    problems.push({ what, given, message: asOmError(error).message });
    return null;
  };
  const { module: name, selector } = link;
  const module =
    name && (await client.call('modules.get', { module: name }, { signal }).catch(refused('module', name)));
  const count =
    selector && (await client.call('hosts.count', { selector }, { signal }).catch(refused('selector', selector)));
  const fields = module ? (fieldsOf(module.params) ?? []) : [];
  const filled = fillOf(fields, module ? link.params : {});
  problems.push(...filled.problems);
  const before = draft().values;
  const some = Object.keys(filled.values).length > 0;
  return {
    fromLink: Boolean(module || count),
    linkProblems: problems,
    // The draft of a module that somebody is writing is asked for by that name; all others by their id.
    ...(module && { module: name?.startsWith('draft:') ? name : module.id, tries: some ? 1 : 0 }),
    ...(module && some && { values: { ...before, [module.id]: { ...defaultsOf(fields), ...filled.values } } }),
    ...(selector && count && { selection: selectionOf(selector, count.total) }),
  };
}
