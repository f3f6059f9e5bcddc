import { askedParams } from '@omanager/task-module/condition';
import { z } from 'zod';
import { optionsSourceSchema } from './options.ts';

const text = z.union([z.string(), z.object({ en: z.string(), zh: z.string() })]);

const plain = z.union([z.string(), z.number(), z.boolean()]);
const conditionSchema = z.record(z.string(), z.union([z.object({ const: plain }), z.object({ enum: z.array(plain) })]));

const paramSchema = z.looseObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array']),
  title: text.optional(),
  description: text.optional(),
  default: z.unknown().optional(),
  format: z.enum(['textarea', 'file']).optional().catch(undefined),
  secret: z.boolean().optional(),
  writeOnly: z.boolean().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  items: z.looseObject({ enum: z.array(z.string()).optional() }).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  'x-when': conditionSchema.optional(),
  // Only an offer: what this client cannot read is not offered.
  'x-options': optionsSourceSchema.optional().catch(undefined),
});

const formSchema = z.looseObject({
  properties: z.record(z.string(), paramSchema).default({}),
  required: z.array(z.string()).default([]),
});

/** One param of a module as a field. */
export type Field = z.infer<typeof paramSchema> & { readonly name: string; readonly required: boolean };

/** The value of a field with a file. */
export interface ChosenFile {
  readonly name: string;
  /** Base64. */
  readonly data: string;
  readonly size: number;
}

/** What is filled in, by param; a field that is not in it is empty. */
export type Values = Readonly<Record<string, unknown>>;

/** The fields of a module's form in their order; null for a schema that this client does not know. */
export function fieldsOf(schema: unknown): readonly Field[] | null {
  const form = formSchema.safeParse(schema);
  if (!form.success) return null;
  const { properties, required } = form.data;
  return Object.entries(properties).map(([name, param]) => ({ ...param, name, required: required.includes(name) }));
}

export const isSecret = (field: Field): boolean => field.secret === true || field.writeOnly === true;

/** What a fresh form says. A switch that must have a position stands at off. */
export function defaultsOf(fields: readonly Field[]): Values {
  return Object.fromEntries(
    fields.flatMap(({ name, type, required, default: value }) => {
      const fresh = value === undefined && type === 'boolean' && required ? false : value;
      return fresh === undefined ? [] : [[name, fresh]];
    }),
  );
}

/** The fields that are asked for beside these values. */
export function askedFields(fields: readonly Field[], values: Values): readonly Field[] {
  const asked = new Set(askedParams(Object.fromEntries(fields.map((field) => [field.name, field])), values));
  return fields.filter(({ name }) => asked.has(name));
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

/** Names of the fields that still need a value. */
export function missingOf(fields: readonly Field[], values: Values): readonly string[] {
  return askedFields(fields, values)
    .filter(({ name, required }) => required && isEmpty(values[name]))
    .map(({ name }) => name);
}

/** As a plan wants it: files apart from the rest, empty fields left out, unless a default would take their place. */
export function splitValues(fields: readonly Field[], values: Values) {
  const files: Record<string, { name: string; data: string }> = {};
  const params: Record<string, unknown> = {};
  for (const { name, format, type, default: fallback } of askedFields(fields, values)) {
    const given = values[name];
    // A line that is left empty is no item.
    const value = Array.isArray(given) ? given.filter((item) => item !== '') : given;
    if (isEmpty(value)) {
      // Emptied by somebody, and not only untouched.
      const emptied = fallback !== undefined && Object.hasOwn(values, name);
      if (emptied && type === 'string') params[name] = '';
      if (emptied && type === 'array') params[name] = [];
      continue;
    }
    if (format !== 'file') params[name] = value;
    else if (isChosenFile(value)) files[name] = { name: value.name, data: value.data };
  }
  return { params, files };
}

export function isChosenFile(value: unknown): value is ChosenFile {
  return typeof value === 'object' && value !== null && 'name' in value && 'data' in value && 'size' in value;
}

/** The same without what may not be kept: secrets and files. */
export function withoutSecrets(fields: readonly Field[], values: Values): Values {
  const kept = fields.filter(isOpen).map(({ name }) => name);
  return Object.fromEntries(Object.entries(values).filter(([name]) => kept.includes(name)));
}

/** A form as a run had it. Secrets and files are not known of a run: those that stand in the form stay there. */
export function valuesOfRun(fields: readonly Field[], params: Values, now: Values): Values {
  const open = Object.keys(withoutSecrets(fields, params)).map((name) => [name, params[name]]);
  const own = Object.entries(now).filter(([name]) => fields.some((field) => field.name === name && !isOpen(field)));
  return { ...defaultsOf(fields), ...Object.fromEntries(open), ...Object.fromEntries(own) };
}

/** Neither a secret nor a file: may be shown, kept and handed on. */
export const isOpen = (field: Field): boolean => !isSecret(field) && field.format !== 'file';

/** A title of a manifest in one language. */
export function inLanguage(value: z.infer<typeof text> | undefined, language: 'en' | 'zh'): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : value[language];
}

const problemsSchema = z.object({
  problems: z.array(z.object({ path: z.string(), message: z.string(), zh: z.string().optional() })),
});

/** What the server says of single params, by name, from the details of its error. */
export function problemsOf(details: unknown, language: 'en' | 'zh'): Readonly<Record<string, string>> {
  const parsed = problemsSchema.safeParse(details);
  if (!parsed.success) return {};
  return Object.fromEntries(
    parsed.data.problems.flatMap(({ path, message, zh }) => {
      const [, name] = /^(?:params|files)\.(.+)$/.exec(path) ?? [];
      return name === undefined ? [] : [[name, language === 'zh' ? (zh ?? message) : message]];
    }),
  );
}
