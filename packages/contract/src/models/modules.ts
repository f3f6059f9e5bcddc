import { z } from 'zod';
import { titleSchema } from './common.ts';

export const riskSchema = z.enum(['read', 'change', 'disruptive', 'destructive']);
export type Risk = z.infer<typeof riskSchema>;

export const moduleSummarySchema = z.object({
  id: z.string(),
  version: z.string(),
  digest: z.string(),
  title: titleSchema,
  description: titleSchema,
  family: z.string(),
  risk: riskSchema,
  legacyId: z.int().nullable(),
  body: z.string().describe('shell, script, copy, fetch …'),
  source: z.enum(['builtin', 'site']),
});
export type ModuleSummary = z.infer<typeof moduleSummarySchema>;

export const moduleDetailSchema = moduleSummarySchema.extend({
  /** JSON Schema of the form. */
  params: z.record(z.string(), z.unknown()),
  manifest: z.string().describe('the YAML text as loaded'),
});
export type ModuleDetail = z.infer<typeof moduleDetailSchema>;
