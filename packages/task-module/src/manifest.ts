import { z } from 'zod';
import { paramsInPath } from './hostPath.ts';
import { type Param, paramsSchema } from './paramSchema.ts';
import { checkValue } from './paramValue.ts';
import { isUserName, shells } from './wrap.ts';

/** A title in both languages; one text alone serves both. */
const titleSchema = z
  .union([
    z.string().min(1).max(200),
    z.strictObject({ en: z.string().min(1).max(200), zh: z.string().min(1).max(200) }),
  ])
  .transform((title) => (typeof title === 'string' ? { en: title, zh: title } : title));

const durationSchema = z
  .string()
  .regex(/^[1-9]\d{0,6}(ms|s|m|h)$/, 'a duration such as 30s, 10m or 2h')
  .transform((text) => {
    const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[text.replace(/^\d+/, '') as 'ms' | 's' | 'm' | 'h'];
    return Number.parseInt(text, 10) * unit;
  });

const sizeSchema = z.union([
  z.int().positive(),
  z
    .string()
    .regex(/^[1-9]\d{0,6}(kB|MB)$/, 'a number of bytes, or a size such as 512kB or 4MB')
    .transform((text) => Number.parseInt(text, 10) * (text.endsWith('kB') ? 1024 : 1_048_576)),
]);

const sourceSchema = z.string().min(1, 'the body is empty').max(200_000);
/** An absolute path on the host; `{name}` stands for the value of that param. */
const pathSchema = z.string().regex(/^[/{]/, 'an absolute path, or a param in braces such as {path}').max(1000);

export const families = ['system', 'service', 'file', 'package', 'user', 'adhoc', 'audit', 'other'] as const;
/** What a family is called where people read it. */
export const familyTitles: Readonly<Record<(typeof families)[number], { en: string; zh: string }>> = {
  system: { en: 'System', zh: '系统' },
  service: { en: 'Services', zh: '后台服务' },
  file: { en: 'Files', zh: '文件' },
  package: { en: 'Packages', zh: '软件包' },
  user: { en: 'Users', zh: '用户' },
  adhoc: { en: 'Commands and scripts', zh: '命令与脚本' },
  audit: { en: 'Audit', zh: '审计' },
  other: { en: 'Other', zh: '其他' },
};
export const risks = ['read', 'change', 'disruptive', 'destructive'] as const;

const bodyKeys = ['shell', 'script', 'copy', 'fetch'] as const;

const fileSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/, 'lower-case words joined by dots, such as system.uptime')
    .max(100),
  version: z
    .union([z.int().nonnegative(), z.string().regex(/^\d{1,5}(\.\d{1,5}){0,2}$/, 'a version such as 1.0.0')])
    .transform(String)
    .default('1.0.0'),
  title: titleSchema,
  description: titleSchema.optional(),
  family: z.enum(families).default('other'),
  legacyId: z.int().min(1).max(99_999).optional(),
  risk: z.enum(risks).default('destructive'),
  idempotent: z.boolean().default(false),
  follow: z.boolean().optional().describe('has no end of its own: runs until it is stopped or its time is up'),
  limits: z
    .strictObject({
      maxHosts: z.int().positive().optional(),
      parallel: z.int().positive().optional(),
      running: z.int().positive().optional().describe('servers at once over all runs'),
      timeout: durationSchema.optional(),
      output: sizeSchema.optional(),
    })
    .default({}),
  runAs: z
    .string()
    .refine((name) => isUserName(name), 'login, root, or the name of a user')
    .default('login'),
  agentKey: z.boolean().optional().describe('gives the body a key of the server it runs on; for modules that ship'),
  params: paramsSchema,
  interpreter: z.enum(shells).optional().describe('the shell of a shell body'),
  shell: sourceSchema.optional(),
  script: z
    .strictObject({
      interpreter: z
        .string()
        .regex(/^[A-Za-z0-9_./+-]{1,100}( -[A-Za-z0-9-]{1,20}){0,4}$/, 'a program such as python3 or perl -w'),
      source: sourceSchema,
      paramsBy: z.enum(['file', 'stdin']).default('file'),
    })
    .optional(),
  copy: z
    .strictObject({
      file: z.string().describe('the file param whose content is copied'),
      to: pathSchema,
      mode: z
        .string()
        .regex(/^0?[0-7]{3}$/, 'an octal mode such as 0644, in quotes')
        .optional(),
      owner: z
        .string()
        .regex(/^\d{1,10}:\d{1,10}$/, 'numeric ids such as 0:0')
        .optional(),
      backup: z.boolean().default(false),
      after: sourceSchema.optional().describe('shell that runs once the file is in place'),
    })
    .optional(),
  fetch: z.strictObject({ from: pathSchema }).optional(),
});

/** A manifest as written, checked and with its defaults. */
export const manifestSchema = fileSchema
  .superRefine((file, context) => {
    const bodies = bodyKeys.filter((key) => file[key] !== undefined);
    if (bodies.length !== 1) {
      const found = bodies.length === 0 ? 'there is none' : `there are ${bodies.join(' and ')}`;
      context.addIssue({
        code: 'custom',
        message: `exactly one body is needed (${bodyKeys.join(', ')}); ${found}`,
        path: bodies.slice(1, 2),
      });
    }
    if (file.follow && file.shell === undefined && file.script === undefined)
      context.addIssue({ code: 'custom', message: 'belongs to a shell or script body', path: ['follow'] });
    if (file.follow && file.limits.parallel !== undefined)
      context.addIssue({
        code: 'custom',
        message: 'a module that follows runs on all its servers at the same time; limit them by maxHosts',
        path: ['limits', 'parallel'],
      });
    if (file.agentKey && (file.shell === undefined || file.runAs !== 'root'))
      context.addIssue({ code: 'custom', message: 'belongs to a shell body that runs as root', path: ['agentKey'] });
    if (file.interpreter !== undefined && file.shell === undefined)
      context.addIssue({ code: 'custom', message: 'interpreter belongs to a shell body', path: ['interpreter'] });
    for (const [path, text] of [['copy', 'to'] as const, ['fetch', 'from'] as const].map(
      ([body, key]) => [[body, key], textAt(file, body)] as const,
    )) {
      for (const name of paramsInPath(text)) {
        const param = Object.hasOwn(file.params.properties, name) ? file.params.properties[name] : undefined;
        if (param?.type !== 'string' || param.format !== undefined || param.secret)
          context.addIssue({
            code: 'custom',
            message: `{${name}} is not a param of this module that holds one line of text`,
            path: [...path],
          });
      }
    }
    for (const finding of checkParams(file)) context.addIssue({ code: 'custom', ...finding });
    const source = file.copy && file.params.properties[file.copy.file];
    if (file.copy && !(source?.type === 'string' && source.format === 'file'))
      context.addIssue({
        code: 'custom',
        message: `${file.copy.file} is not a param with format: file`,
        path: ['copy', 'file'],
      });
  })
  .transform(({ shell, script, copy, fetch, interpreter, limits, description, ...file }) => ({
    ...file,
    description: description ?? { en: '', zh: '' },
    limits: {
      maxHosts: limits.maxHosts,
      parallel: limits.parallel,
      running: limits.running,
      timeoutMs: limits.timeout,
      outputBytes: limits.output,
    },
    body: bodyOf({ shell, script, copy, fetch, interpreter }),
  }));

export type Manifest = z.output<typeof manifestSchema>;
export type Risk = Manifest['risk'];
type File = z.output<typeof fileSchema>;

/** What runs on a host. */
export type Body =
  | { kind: 'shell'; source: string; shell: (typeof shells)[number] }
  | ({ kind: 'script' } & NonNullable<File['script']>)
  | ({ kind: 'copy' } & NonNullable<File['copy']>)
  | ({ kind: 'fetch' } & NonNullable<File['fetch']>);

function bodyOf({
  shell,
  script,
  copy,
  fetch,
  interpreter,
}: Pick<File, 'shell' | 'script' | 'copy' | 'fetch' | 'interpreter'>): Body {
  if (script) return { kind: 'script', ...script };
  if (copy) return { kind: 'copy', ...copy };
  if (fetch) return { kind: 'fetch', ...fetch };
  return { kind: 'shell', source: shell ?? '', shell: interpreter ?? 'sh' };
}

function textAt(file: File, body: 'copy' | 'fetch'): string {
  return (body === 'copy' ? file.copy?.to : file.fetch?.from) ?? '';
}

/** Whether the keywords of each param agree with each other. */
function checkParams({ params }: File): { message: string; path: (string | number)[] }[] {
  return Object.entries(params.properties).flatMap(([name, param]) => {
    const path = (key: string) => ['params', 'properties', name, key];
    const bounds = { minimum: undefined, maximum: undefined, minLength: undefined, maxLength: undefined, ...param };
    const found: { message: string; path: (string | number)[] }[] = [];
    if (above(bounds.minimum, bounds.maximum)) found.push({ path: path('minimum'), message: 'is above maximum' });
    if (above(bounds.minLength, bounds.maxLength))
      found.push({ path: path('minLength'), message: 'is above maxLength' });
    if (offersBesides(param))
      found.push({ path: path('x-options'), message: 'belongs to a line of text, or a list of them, without an enum' });
    for (const [other, message] of conditionProblems(params, name))
      found.push({ path: [...path('x-when'), other], message });
    if (param.default === undefined) return found;
    if (param.type === 'string' && (param.secret || param.format === 'file'))
      return [
        ...found,
        { path: path('default'), message: 'a secret or a file has no default: all could read it here' },
      ];
    const wrong = param.default === '' ? undefined : checkValue(name, param, param.default);
    return wrong ? [...found, { path: path('default'), message: wrong.message.en }] : found;
  });
}

/** A param depends on what stands before it in the form, and on values that can be there: no circle, no dead field. */
function conditionProblems({ properties }: File['params'], name: string): [other: string, message: string][] {
  const names = Object.keys(properties);
  return Object.entries(properties[name]?.['x-when'] ?? {}).flatMap(([other, wanted]): [string, string][] => {
    const on = Object.hasOwn(properties, other) ? properties[other] : undefined;
    if (!on || names.indexOf(other) >= names.indexOf(name)) return [[other, 'is not a param that stands before']];
    if (on.type === 'array' || (on.type === 'string' && (on.secret || on.format)))
      return [[other, 'is a list, a secret, a file or a long text; nothing can depend on these']];
    const wrong = ('const' in wanted ? [wanted.const] : wanted.enum).flatMap(
      (value) => checkValue(other, on, value) ?? [],
    );
    return wrong.map(({ message }) => [other, message.en]);
  });
}

/** Options are offered where the schema has fixed what can be chosen, or what is typed is no line of text. */
function offersBesides(param: Param): boolean {
  switch (param.type) {
    case 'string':
      return (
        param['x-options'] !== undefined &&
        !!(param.enum || param.secret || (param.format && param.format !== 'textarea'))
      );
    case 'array':
      return param['x-options'] !== undefined && param.items.enum !== undefined;
    case 'integer':
    case 'number':
    case 'boolean':
      return false;
  }
}

function above(low: number | undefined, high: number | undefined): boolean {
  return low !== undefined && high !== undefined && low > high;
}
