import { z } from 'zod';

const text = z.union([z.string(), z.object({ en: z.string(), zh: z.string() })]);

/** A param as the server's form schema has it, as far as it is shown here. */
const paramSchema = z.looseObject({
  type: z.string(),
  title: text.optional(),
  description: text.optional(),
  default: z.unknown().optional(),
  format: z.string().optional(),
  secret: z.boolean().optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  'x-when': z
    .record(z.string(), z.looseObject({ const: z.unknown(), enum: z.array(z.unknown()).optional() }))
    .optional()
    .catch(undefined),
  'x-options': z.looseObject({ from: z.string().optional(), module: z.string().optional() }).optional(),
});
export type ShownParam = z.infer<typeof paramSchema> & { name: string; required: boolean };

const formSchema = z.looseObject({
  properties: z.record(z.string(), paramSchema).default({}),
  required: z.array(z.string()).default([]),
});

/** The params of a module's form in their order; none of a schema that this client does not know. */
export function paramsOf(schema: unknown): ShownParam[] {
  const form = formSchema.safeParse(schema);
  if (!form.success) return [];
  const { properties, required } = form.data;
  return Object.entries(properties).map(([name, param]) => ({ ...param, name, required: required.includes(name) }));
}

/** A text of a manifest in one language. */
export function inLanguage(value: z.infer<typeof text> | undefined, language: 'en' | 'zh'): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : value[language];
}

/** `integer 1–5000`, `one of a, b`, `file`, `secret`. */
export function typeOf({ type, format, secret, enum: values, minimum, maximum }: ShownParam): string {
  if (values) return values.join(' | ');
  if (secret) return 'secret';
  if (format !== undefined) return format;
  if (minimum !== undefined && maximum !== undefined) return `${type} ${minimum}–${maximum}`;
  if (minimum !== undefined) return `${type} ≥ ${minimum}`;
  if (maximum !== undefined) return `${type} ≤ ${maximum}`;
  return type;
}

/** `from = url, tls = own | both`: for which values of others a param is asked for. */
export function whenOf({ 'x-when': when = {} }: Pick<ShownParam, 'x-when'>): string {
  return Object.entries(when)
    .map(([name, wanted]) => `${name} = ${(wanted.enum ?? [wanted.const]).map(String).join(' | ')}`)
    .join(', ');
}
