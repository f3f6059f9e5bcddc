import { z } from 'zod';

export const idSchema = z.uuid();
export const timeSchema = z.iso.datetime();

/** Names people type: no leading `-`, no spaces, shell or YAML syntax. */
export const nameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/, 'letters, digits, . _ - only, not starting with . or -, at most 100');

/** A group path: names joined by `/` (function category / application). */
export const groupPathSchema = z
  .string()
  .max(300)
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,99}(\/[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,99}){0,7}$/u,
    'names joined by /, for example web/www',
  );

export const titleSchema = z.object({ en: z.string(), zh: z.string() });
export type Title = z.infer<typeof titleSchema>;

export const pageParams = {
  cursor: z.string().max(400).optional(),
  limit: z.int().min(1).max(1000).default(200),
};

/** A page: `next` is the cursor of the following page, absent on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() });
}

export const emptySchema = z.strictObject({});
export const okSchema = z.object({ ok: z.literal(true) });
