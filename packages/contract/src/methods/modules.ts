import { z } from 'zod';
import { change, query } from '../method.ts';
import {
  manifestTextSchema,
  moduleCheckSchema,
  moduleDetailSchema,
  moduleIdSchema,
  moduleSummarySchema,
  moduleUsageSchema,
  moduleVersionSchema,
} from '../models/modules.ts';

const ref = z.string().min(1).max(160);

export const moduleMethods = {
  'modules.list': query({
    permission: 'module.read',
    summary: 'Task modules by family and number: built-in, of the site, and made in the client',
    params: z.strictObject({ retired: z.boolean().default(false).describe('those that are no longer offered, too') }),
    result: z.object({ items: z.array(moduleSummarySchema) }),
  }),
  'modules.get': query({
    permission: 'module.read',
    summary: 'One module by id, legacy number or id@version, with its form and manifest; earlier versions too',
    params: z.strictObject({ module: ref }),
    result: moduleDetailSchema,
  }),
  'modules.versions': query({
    permission: 'module.read',
    summary: 'All versions of a module, newest first, with who saved them and how many runs used each',
    params: z.strictObject({ module: ref }),
    result: z.object({ items: z.array(moduleVersionSchema) }),
  }),
  'modules.usage': query({
    permission: 'run.read',
    summary: 'The last run and the typical duration of modules',
    params: z.strictObject({ modules: z.array(moduleIdSchema).min(1).max(200) }),
    result: z.object({ items: z.array(moduleUsageSchema) }),
  }),
  'modules.validate': query({
    permission: 'module.write',
    summary: 'Looks at a manifest without keeping it: its mistakes with their places, its form, the script it makes',
    params: z.strictObject({
      manifest: manifestTextSchema,
      params: z.record(z.string(), z.unknown()).optional().describe('a form filled in, for the script'),
    }),
    secretParams: ['manifest', 'params.*'],
    result: moduleCheckSchema,
  }),
  'modules.draft': change({
    permission: 'module.write',
    summary: 'Keeps a manifest for a day so that it can be tried on one server; `runs.plan` takes the answered name',
    params: z.strictObject({ manifest: manifestTextSchema }),
    secretParams: ['manifest'],
    result: z.object({ module: z.string(), digest: z.string() }),
  }),
  'modules.save': change({
    permission: 'module.write',
    summary: 'Saves a module made in the client, or a new version of one; a saved version never changes',
    params: z.strictObject({
      manifest: manifestTextSchema,
      comment: z.string().trim().min(1).max(500).describe('what is new, for who reads the versions'),
      base: z
        .string()
        .max(40)
        .nullable()
        .optional()
        .describe('the newest version the author has seen, null for none; refused if there is another by now'),
    }),
    // The audit names module, version and digest; the versions keep the text.
    secretParams: ['manifest'],
    result: moduleSummarySchema,
  }),
  'modules.retire': change({
    permission: 'module.write',
    summary: 'No longer offers a module made in the client; its versions and runs stay',
    params: z.strictObject({ module: moduleIdSchema }),
    result: moduleSummarySchema,
  }),
  'modules.restore': change({
    permission: 'module.write',
    summary: 'Offers a retired module again',
    params: z.strictObject({ module: moduleIdSchema }),
    result: moduleSummarySchema,
  }),
};
