import type { CommandEvent } from '@omanager/contract';

type ReasonKey =
  | `reason_${'newSpool' | 'records' | 'command' | 'commands' | 'ahead' | 'behind'}`
  | `reason_${'spoolFull' | 'refused' | 'unreadable' | 'auditdStopped' | 'auditOff' | 'ruleRemoved'}`
  | `reason_${'logUnreadable' | 'rotated' | 'rotatedMany' | 'kernelLost'}`;

interface Reason {
  key: ReasonKey;
  values: Readonly<Record<string, string>>;
}

/** What server and agents write of what is missing; the numbers in it are its values. */
const forms: readonly (readonly [CommandEvent['kind'], RegExp, ReasonKey])[] = [
  ['gap', /^a new spool: what the last one still held is lost$/, 'reason_newSpool'],
  ['gap', /^records (?<from>\d+) to (?<to>\d+) are missing$/, 'reason_records'],
  ['gap', /^command (?<from>\d+) of this shell never came$/, 'reason_command'],
  ['gap', /^commands (?<from>\d+) to (?<to>\d+) of this shell never came$/, 'reason_commands'],
  ['clock', /^(?<seconds>\d+) s ahead$/, 'reason_ahead'],
  ['clock', /^(?<seconds>\d+) s behind$/, 'reason_behind'],
  ['dropped', /^(?<records>\d+) spool full$/, 'reason_spoolFull'],
  ['dropped', /^(?<records>\d+) refused by the server$/, 'reason_refused'],
  ['dropped', /^(?<records>\d+) unreadable$/, 'reason_unreadable'],
  ['dropped', /^execve: auditd stopped$/, 'reason_auditdStopped'],
  ['dropped', /^execve: the kernel's audit was turned off$/, 'reason_auditOff'],
  ['dropped', /^execve: a rule was removed$/, 'reason_ruleRemoved'],
  ['dropped', /^execve: a part of the audit log is unreadable$/, 'reason_logUnreadable'],
  [
    'dropped',
    /^execve: at most (?<records>\d+) audit events were rotated away before they were read$/,
    'reason_rotated',
  ],
  [
    'dropped',
    /^execve: an unknown number of audit records were rotated away before they were read$/,
    'reason_rotatedMany',
  ],
  [
    'dropped',
    /^execve: (?<records>\d+) audit records were lost in the kernel \(its backlog was full\)$/,
    'reason_kernelLost',
  ],
];

/** Why something is missing, for the language of the person who reads; null: shown as it is recorded. */
export function reasonOf({ kind, text }: Pick<CommandEvent, 'kind' | 'text'>): Reason | null {
  for (const [of, form, key] of forms) {
    const found = of === kind ? form.exec(text) : null;
    if (found) return { key, values: { ...found.groups } };
  }
  return null;
}
