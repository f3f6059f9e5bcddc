import { askedParams } from '@omanager/task-module/condition';
import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { fileName, readBytes, readSecret, readText } from '../io/files.ts';

const plain = z.union([z.string(), z.number(), z.boolean()]);
const conditionSchema = z.record(z.string(), z.union([z.object({ const: plain }), z.object({ enum: z.array(plain) })]));

/** What is used of a form's JSON Schema. */
export const fieldSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.string().optional(),
  secret: z.boolean().optional(),
  enum: z.array(z.unknown()).optional(),
  title: z.unknown().optional(),
  default: z.unknown().optional(),
  items: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  pattern: z.string().optional(),
  'x-when': conditionSchema.optional(),
});
export type Field = z.infer<typeof fieldSchema>;

export const formSchema = z.looseObject({
  properties: z.record(z.string(), fieldSchema).default({}),
  required: z.array(z.string()).default([]),
});

export interface GivenParams {
  /** -p name=value */
  values: Readonly<Record<string, string>>;
  /** -f name=file */
  files: Readonly<Record<string, string>>;
}

export interface BuiltParams {
  params: Record<string, unknown>;
  files: Record<string, { name: string; data: string }>;
}

/** Turns -p and -f into what the module's form asks for; asks for secrets that are missing. The server validates. */
export async function buildParams(cli: Cli, schema: unknown, given: GivenParams): Promise<BuiltParams> {
  const { properties, required } = formSchema.parse(schema);
  const built: BuiltParams = { params: {}, files: {} };
  for (const [name, text] of Object.entries(given.values)) {
    const field = fieldOf(properties, name);
    if (isSecret(field)) {
      throw new CliError(
        `${name} is a secret, and what stands on a command line is visible to every user of this computer (ps). ` +
          `Leave it out to be asked, or use -f ${name}=FILE.`,
      );
    }
    if (isFile(field)) throw new CliError(`${name} takes a file: -f ${name}=FILE.`);
    built.params[name] = coerce(text, field);
  }
  for (const [name, path] of Object.entries(given.files)) {
    const field = fieldOf(properties, name);
    if (Object.hasOwn(given.values, name)) throw new CliError(`${name} is given twice, with -p and with -f.`);
    if (isFile(field)) {
      built.files[name] = {
        name: fileName(path),
        data: Buffer.from(await readBytes(path, cli.stdin)).toString('base64'),
      };
    } else built.params[name] = isSecret(field) ? await readSecret(path, cli.stdin) : await readText(path, cli.stdin);
  }
  const asked = askedParams(properties, built.params);
  for (const name of required.filter((one) => asked.includes(one))) {
    const field = properties[name];
    if (!field || !isSecret(field) || name in built.params || field.default !== undefined) continue;
    built.params[name] = await cli.prompt.askHidden(`${name} (not shown): `, `-f ${name}=FILE`);
  }
  return built;
}

function fieldOf(properties: Readonly<Record<string, Field>>, name: string): Field {
  const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (field) return field;
  const known = Object.keys(properties);
  throw new CliError(
    `The module has no parameter ${name}; ${known.length === 0 ? 'it has none at all' : `it has ${known.join(', ')}`}.`,
  );
}

export const isSecret = (field: Field): boolean => field.secret === true;
export const isFile = (field: Field): boolean => field.format === 'file';

/** Text as the field's type has it; what does not fit stays text, and the server says why it is wrong. */
function coerce(text: string, field: Field): unknown {
  const types = typeof field.type === 'string' ? [field.type] : (field.type ?? []);
  if (types.includes('string')) return text;
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (types.includes('boolean') && /^(true|yes|on|1)$/i.test(text)) return true;
  if (types.includes('boolean') && /^(false|no|off|0)$/i.test(text)) return false;
  if (types.includes('array') && !text.startsWith('[')) {
    const items = fieldSchema.safeParse(field.items ?? {});
    return text === '' ? [] : text.split(',').map((item) => coerce(item, items.success ? items.data : {}));
  }
  return types.includes('array') || types.includes('object') ? parseJson(text) : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
