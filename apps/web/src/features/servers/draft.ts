import { type Host, type HostDraft, hostDraftSchema } from '@omanager/contract';

/** A server as the form holds it: everything is text until it is saved. */
export interface ServerInput {
  name: string;
  address: string;
  port: string;
  user: string;
  credential: string;
  zone: string;
  environment: string;
  labels: string;
  groups: string[];
}

export function inputOf(host: Host | null): ServerInput {
  return {
    name: host?.name ?? '',
    address: host?.address ?? '',
    port: String(host?.port ?? 22),
    user: host?.user ?? 'root',
    credential: host?.credential ?? '',
    zone: host?.zone ?? 'default',
    environment: host?.environment ?? '',
    labels: Object.entries(host?.labels ?? {})
      .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
      .join('\n'),
    groups: host?.groups ?? [],
  };
}

export type Complaints = Partial<Record<keyof ServerInput, string>>;

/** What the form means, or what is wrong with which field, in the words of the contract. */
export function draftOf(
  input: ServerInput,
): { draft: HostDraft; complaints: null } | { draft: null; complaints: Complaints } {
  const result = hostDraftSchema.safeParse({
    ...input,
    port: Number(input.port),
    address: input.address === '' ? input.name : input.address,
    credential: input.credential === '' ? null : input.credential,
    environment: input.environment === '' ? 'default' : input.environment,
    labels: readLabels(input.labels),
  });
  if (result.success) return { draft: result.data, complaints: null };
  const complaints: Complaints = {};
  for (const { path, message } of result.error.issues) {
    const [field] = path;
    for (const key of fields) if (key === field) complaints[key] ??= [...path.slice(1), message].join(': ');
  }
  return { draft: null, complaints };
}

const fields: readonly (keyof ServerInput)[] = [
  'name',
  'address',
  'port',
  'user',
  'credential',
  'zone',
  'environment',
  'labels',
  'groups',
];

function readLabels(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.trim());
  return Object.fromEntries(
    lines
      .filter((line) => line !== '')
      .map((line) => {
        const equals = line.indexOf('=');
        return equals < 0 ? [line, ''] : [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
      }),
  );
}

/** Only what differs, so that two people who change different fields do not undo each other. */
export function changesOf(before: Host, after: HostDraft): Partial<HostDraft> {
  const entries = Object.entries(after).filter(([field, value]) => {
    const old = Object.entries(before).find(([name]) => name === field)?.[1];
    return JSON.stringify(sorted(old)) !== JSON.stringify(sorted(value));
  });
  // Entries of a draft are fields of a draft.
  return Object.fromEntries(entries) as Partial<HostDraft>;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.toSorted();
  if (typeof value === 'object' && value !== null) return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return value;
}
