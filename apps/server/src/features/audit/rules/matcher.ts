import {
  type AlertRuleDraft,
  type CommandEvent,
  matcherOf,
  parseSelector,
  type SelectableHost,
} from '@omanager/contract';
import { compilePattern } from './pattern.ts';
import { compileWindow } from './window.ts';

/** Servers by id, as a selector sees them. */
export type DescribeHosts = (ids: readonly string[]) => Promise<ReadonlyMap<string, SelectableHost>>;

export interface RuleMatcher {
  /** Command, user and time. */
  mayMatch(event: CommandEvent): boolean;
  /** Null: it looks at every server, also at one that is not known. */
  matchesHost: ((host: SelectableHost) => boolean) | null;
}

/** Throws INVALID_PARAMS or SELECTOR_INVALID for a rule that cannot be. */
export function compileRule({
  pattern,
  ignoreCase,
  users,
  servers,
  environments,
  window,
}: AlertRuleDraft): RuleMatcher {
  const matches = compilePattern(pattern, ignoreCase);
  const within = window && compileWindow(window);
  const ofUsers = new Set(users);
  const selected = servers === null ? null : matcherOf(parseSelector(servers));
  const inEnvironment = compileEnvironments(environments);
  return {
    mayMatch: (event) =>
      event.kind === 'command' &&
      (ofUsers.size === 0 || ofUsers.has(userOf(event))) &&
      (within === null || within(Date.parse(event.at))) &&
      matches(event.text),
    matchesHost:
      selected === null && inEnvironment === null
        ? null
        : (host) =>
            (selected === null || selected(host)) && (inEnvironment === null || inEnvironment(host.environment)),
  };
}

/** Ignores case, as what is production does. */
function compileEnvironments(environments: readonly string[]): ((name: string) => boolean) | null {
  if (environments.length === 0) return null;
  const wanted = environments.map((text) => text.toLowerCase());
  return (environment) => {
    const name = environment.toLowerCase();
    return wanted.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
  };
}

/** As the kernel knows it; for an unsigned event nobody does, and it is what was claimed. */
export function userOf({ user, claimedUser }: Pick<CommandEvent, 'user' | 'claimedUser'>): string {
  return user === '' ? claimedUser : user;
}

/** The events that a rule finds; servers are asked for only when that decides. */
export async function hitsOf(
  rule: RuleMatcher,
  candidates: readonly CommandEvent[],
  describe: DescribeHosts,
): Promise<CommandEvent[]> {
  const { matchesHost } = rule;
  if (matchesHost === null || candidates.length === 0) return [...candidates];
  const ids = [...new Set(candidates.flatMap(({ hostId }) => (hostId === null ? [] : [hostId])))];
  const hosts = await describe(ids);
  return candidates.filter(({ hostId }) => {
    const host = hostId === null ? undefined : hosts.get(hostId);
    return host !== undefined && matchesHost(host);
  });
}
