import { type HostDraft, hostDraftSchema } from '@omanager/contract';
import { z } from 'zod';

/** What a file says about one server. Fields that it does not name keep what they are. */
export interface ImportedHost {
  readonly line: number;
  readonly name: string;
  readonly fields: Partial<Omit<HostDraft, 'name'>>;
}

export interface Problem {
  readonly line: number;
  readonly message: string;
}

export interface ParsedImport {
  readonly hosts: ImportedHost[];
  readonly problems: Problem[];
}

export const limits = { hosts: 20_000, problems: 200 } as const;

/** One server as text by field: what CSV cells and YAML scalars have in common. */
export type Cells = Record<string, string | string[] | Record<string, string>>;

const { shape } = hostDraftSchema;
const schema = z.strictObject({
  name: shape.name,
  address: shape.address.optional(),
  port: shape.port.unwrap().optional(),
  user: shape.user.optional(),
  credential: shape.credential.unwrap().optional(),
  zone: shape.zone.unwrap().optional(),
  environment: shape.environment.unwrap().optional(),
  labels: shape.labels.unwrap().optional(),
  groups: shape.groups.unwrap().optional(),
});

export const fieldNames: readonly string[] = Object.keys(schema.shape);

/** Text becomes fields. An empty text says nothing, except that it takes credential, labels and groups away. */
export function readHost(line: number, cells: Cells): ImportedHost | Problem[] {
  const values: [string, unknown][] = Object.entries(cells).map(([field, value]) => [field, readValue(field, value)]);
  const result = schema.safeParse(Object.fromEntries(values.filter(([, value]) => value !== undefined)));
  if (!result.success) {
    return result.error.issues.map(({ path, message }) => ({
      line,
      message: [...path.slice(0, 2), message].join(': '),
    }));
  }
  const { name, ...fields } = result.data;
  // exactOptionalPropertyTypes: zod's optional fields may hold undefined, but those were filtered above.
  return { line, name, fields: fields as ImportedHost['fields'] };
}

function readValue(field: string, value: Cells[string]): unknown {
  switch (field) {
    case 'labels':
      return typeof value === 'string' ? readLabels(value) : value;
    case 'groups':
      return typeof value === 'string' ? splitList(value) : value;
    case 'credential':
      return value === '' || value === '~' || value === 'null' ? null : value;
    case 'port':
      return value === '' ? undefined : typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
    default:
      return value === '' ? undefined : value;
  }
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    splitList(text).map((pair) => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
    }),
  );
}

function splitList(text: string): string[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
