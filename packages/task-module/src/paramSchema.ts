import { RE2JS } from 're2js';
import { z } from 'zod';
import { checkParamName } from './reserved.ts';

/**
 * The JSON Schema of a module's params, as a closed list of keywords: no references, no nesting beyond a list of texts,
 * and patterns of RE2's syntax, which match in linear time.
 */
const text = z.union([z.string().max(500), z.strictObject({ en: z.string().max(500), zh: z.string().max(500) })]);
const pattern = z
  .string()
  .max(1000)
  .refine(compiles, 'not a pattern of RE2 syntax (look-ahead and back-references are not supported)');

const common = {
  title: text.optional(),
  description: text.optional(),
  required: z.boolean().optional(),
};

const stringParam = z.strictObject({
  ...common,
  type: z.literal('string'),
  enum: z.array(z.string().max(1000)).min(1).max(500).optional(),
  default: z.string().max(100_000).optional(),
  pattern: pattern.optional(),
  minLength: z.int().nonnegative().optional(),
  maxLength: z.int().nonnegative().max(1_048_576).optional(),
  format: z.enum(['textarea', 'file']).optional(),
  secret: z.boolean().optional(),
});

const numberParam = z.strictObject({
  ...common,
  type: z.enum(['integer', 'number']),
  enum: z.array(z.number()).min(1).max(500).optional(),
  default: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

const booleanParam = z.strictObject({ ...common, type: z.literal('boolean'), default: z.boolean().optional() });

const listParam = z.strictObject({
  ...common,
  type: z.literal('array'),
  items: z.strictObject({
    type: z.literal('string'),
    enum: z.array(z.string().max(1000)).min(1).max(500).optional(),
    pattern: pattern.optional(),
    maxLength: z.int().nonnegative().optional(),
  }),
  minItems: z.int().nonnegative().optional(),
  maxItems: z.int().nonnegative().max(10_000).optional(),
  default: z.array(z.string()).optional(),
});

export const paramSchema = z.discriminatedUnion('type', [stringParam, numberParam, booleanParam, listParam]);
export type Param = z.output<typeof paramSchema>;

const properties = z.record(z.string(), paramSchema).superRefine((params, context) => {
  for (const name of Object.keys(params)) {
    const verdict = checkParamName(name);
    if (verdict !== 'ok') context.addIssue({ code: 'custom', message: nameProblem(name, verdict), path: [name] });
  }
});

/** Either a whole object schema, or its properties alone with `required: true` inside each. */
export const paramsSchema = z
  .preprocess(
    wholeSchema,
    z.strictObject({ type: z.literal('object'), properties, required: z.array(z.string()).default([]) }),
  )
  .default({ type: 'object', properties: {}, required: [] })
  .transform(({ properties: params, required }, context) => {
    const unknown = required.filter((name) => !Object.hasOwn(params, name));
    if (unknown.length > 0)
      context.addIssue({
        code: 'custom',
        message: `${unknown.join(', ')} is required but not a param`,
        path: ['required'],
      });
    const needed = Object.entries(params).flatMap(([name, param]) => (param.required ? [name] : []));
    return { type: 'object' as const, properties: params, required: [...new Set([...required, ...needed])] };
  });

export type Params = z.output<typeof paramsSchema>;

function wholeSchema(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  return 'type' in given && given.type === 'object' && 'properties' in given
    ? given
    : { type: 'object', properties: given };
}

function compiles(source: string): boolean {
  try {
    RE2JS.compile(source);
    return true;
  } catch {
    return false;
  }
}

function nameProblem(name: string, verdict: 'malformed' | 'reserved' | 'wrapper'): string {
  switch (verdict) {
    case 'malformed':
      return `${name} is not a name for a param: lower-case letters, digits and _, beginning with a letter`;
    case 'reserved':
      return `${name} means something to a shell and cannot be the name of a param`;
    case 'wrapper':
      return `${name} begins like the wrapper's own variables and cannot be the name of a param`;
  }
}
