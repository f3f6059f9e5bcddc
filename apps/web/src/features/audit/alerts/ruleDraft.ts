import { type AlertRule, type AlertRuleDraft, alertRuleDraftSchema } from '@omanager/contract';

/** What the form holds: what is typed may not be right yet. */
export interface TypedRule {
  readonly name: string;
  readonly enabled: boolean;
  readonly severity: AlertRuleDraft['severity'];
  readonly pattern: string;
  readonly ignoreCase: boolean;
  readonly users: readonly string[];
  readonly servers: string;
  readonly environments: readonly string[];
  readonly timed: boolean;
  readonly days: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly cooldown: number | null;
}

const weekDays = ['1', '2', '3', '4', '5', '6', '7'] as const;
const defaultCooldown = 300;

/** A rule as it is typed; null: a new one. */
export function typedRule(rule: AlertRule | null): TypedRule {
  const window = rule?.window ?? null;
  return {
    name: rule?.name ?? '',
    enabled: rule?.enabled ?? true,
    severity: rule?.severity ?? 'warning',
    pattern: rule?.pattern ?? '',
    ignoreCase: rule?.ignoreCase ?? false,
    users: rule?.users ?? [],
    servers: rule?.servers ?? '',
    environments: rule?.environments ?? [],
    timed: window !== null,
    days: window?.days.map(String) ?? weekDays,
    from: window?.from ?? '22:00',
    to: window?.to ?? '06:00',
    timeZone: window?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    cooldown: rule?.cooldownSeconds ?? defaultCooldown,
  };
}

/** What is sent; null while something is missing or cannot be. Whether the pattern can be compiled the server says. */
export function draftOf(typed: TypedRule, name = typed.name.trim()): AlertRuleDraft | null {
  const { timed, days, from, to, timeZone, cooldown, servers, ...rest } = typed;
  const { success, data } = alertRuleDraftSchema.safeParse({
    ...{ enabled: rest.enabled, severity: rest.severity, pattern: rest.pattern, ignoreCase: rest.ignoreCase },
    ...{ name, users: rest.users, environments: rest.environments, cooldownSeconds: cooldown },
    servers: servers.trim() === '' ? null : servers.trim(),
    window: timed ? { days: days.map(Number).sort(), from, to, timeZone } : null,
  });
  return success ? data : null;
}
