import { z } from 'zod';
import { compilePattern } from './pattern.ts';
import { checkParamName } from './reserved.ts';

/**
 * The JSON Schema of a module's params, as a closed list of keywords: no references, no nesting beyond a list of texts,
 * and patterns of RE2's syntax, which match in linear time.
 */
const text = z.union([z.string().max(500), z.strictObject({ en: z.string().max(500), zh: z.string().max(500) })], {
  error: 'a text, or { en: …, zh: … }',
});

const pattern = z.string();

const plain = z.union([z.string().max(1000), z.number(), z.boolean()]);

/** JSON Schema's `if` on other params, as much of it as a form needs: they have this value, or one of these. */
const condition = z
  .record(
    z.string(),
    z.union([z.strictObject({ const: plain }), z.strictObject({ enum: z.array(plain).min(1).max(100) })], {
      error: '{ const: … } or { enum: […] }',
    }),
  )
  .refine((params) => Object.keys(params).length > 0, 'names the params on which it depends');

const common = {
  'x-when': condition.optional(),
  title: text.optional(),
  description: text.optional(),
  required: z.boolean().optional(),
};

/**
 * Where a client finds values to offer: the inventory, or the output of a `read` module, each line an option. Only an
 * offer: any other value that the schema allows can be typed.
 */
const optionsSource = z.union(
  [
    z.strictObject({ from: z.enum(['hosts', 'groups', 'zones', 'environments']) }),
    z.strictObject({
      module: z.string().min(1).max(100),
      params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).optional(),
    }),
  ],
  { error: '{ from: hosts, groups, zones or environments }, or { module: …, params: {…} }' },
);

const size = z.int().nonnegative();

const stringParam = z.strictObject({
  ...common,
  type: z.literal('string'),
  enum: z.array(z.string().max(1000)).min(1).max(500).optional(),
  default: z.string().max(100_000).optional(),
  pattern: pattern.optional(),
  'x-options': optionsSource.optional(),
  minLength: size.optional(),
  /** Characters; bytes for a file. */
  maxLength: size.max(16 * 1_048_576).optional(),
  format: z.enum(['textarea', 'file', 'password']).optional(),
  secret: z.boolean().optional(),
  /** JSON Schema's own word for a secret. */
  writeOnly: z.boolean().optional(),
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
    maxLength: size.optional(),
  }),
  'x-options': optionsSource.optional(),
  minItems: size.optional(),
  maxItems: size.max(10_000).optional(),
  default: z.array(z.string()).optional(),
});

export const paramSchema = z
  .discriminatedUnion('type', [stringParam, numberParam, booleanParam, listParam], {
    error: 'a param has a type: string, integer, number, boolean or array',
  })
  .transform((param) => {
    if (param.type !== 'string') return param;
    const { writeOnly, format, ...rest } = param;
    const secret = rest.secret === true || writeOnly === true || format === 'password';
    return { ...rest, ...(format && format !== 'password' ? { format } : {}), ...(secret ? { secret } : {}) };
  });
export type Param = z.output<typeof paramSchema>;

const maxParams = 64;
/** Of all patterns of a module together, so that compiling them costs little. */
const maxInstructions = 4000;

const properties = z.record(z.string(), paramSchema).superRefine((params, context) => {
  const names = Object.keys(params);
  if (names.length > maxParams) context.addIssue({ code: 'custom', message: `at most ${maxParams} params` });
  for (const name of names) {
    const verdict = checkParamName(name);
    if (verdict !== 'ok')
      context.addIssue({ code: 'custom', message: nameProblems[verdict], path: [name], params: { part: 'key' } });
  }
  // One after the other, and no further than the first that is too large: compiling takes its time.
  let instructions = 0;
  for (const [name, param] of Object.entries(params)) {
    const source = patternOf(param);
    if (source === undefined) continue;
    const compiled = compilePattern(source);
    if (typeof compiled === 'object') instructions += compiled.size;
    const problem =
      typeof compiled === 'string'
        ? compiled
        : instructions > maxInstructions
          ? 'the patterns of this module are too large together'
          : undefined;
    if (problem === undefined) continue;
    const path = param.type === 'array' ? [name, 'items', 'pattern'] : [name, 'pattern'];
    context.addIssue({ code: 'custom', message: problem, path });
    return;
  }
});

export function patternOf(param: Param): string | undefined {
  if (param.type === 'string') return param.pattern;
  return param.type === 'array' ? param.items.pattern : undefined;
}

/** Either a whole object schema, or its properties alone with `required: true` inside each. */
export const paramsSchema = z
  .preprocess(
    wholeSchema,
    z.strictObject({
      type: z.literal('object'),
      properties,
      required: z.array(z.string()).default([]),
      additionalProperties: z.literal(false).optional(),
      $schema: z.string().optional(),
    }),
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
  return 'type' in given && given.type === 'object' ? given : { type: 'object', properties: given };
}

const nameProblems = {
  malformed: 'a param is named with lower-case letters, digits and _, beginning with a letter, at most 64 characters',
  reserved: 'this name means something to a shell and cannot be the name of a param',
  wrapper: 'names that begin with om_ belong to the wrapper',
} as const;
