import { z } from 'zod';
import { query } from '../method.ts';
import { emptySchema } from '../models/common.ts';
import { moduleDetailSchema, moduleSummarySchema } from '../models/modules.ts';

export const moduleMethods = {
  'modules.list': query({
    permission: 'module.read',
    summary: 'Task modules, built-in and of the site, by family and number',
    params: emptySchema,
    result: z.object({ items: z.array(moduleSummarySchema) }),
  }),
  'modules.get': query({
    permission: 'module.read',
    summary: 'One module by id, legacy number or id@version, with its form and manifest',
    params: z.strictObject({ module: z.string().min(1).max(120) }),
    result: moduleDetailSchema,
  }),
};
