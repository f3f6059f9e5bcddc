import { z } from 'zod';

const timeOfDaySchema = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'a time of day such as 22:00');

/** What a person sets for themselves on every device. */
export const settingsSchema = z.object({
  favourites: z.array(z.string().max(100)).max(200).default([]).describe('module ids'),
  savedFilters: z
    .array(
      z.object({
        page: z.enum(['runs', 'audit', 'commands']),
        name: z.string().min(1).max(60),
        query: z.string().max(2000),
      }),
    )
    .max(100)
    .default([]),
  keys: z
    .record(z.string().max(40), z.array(z.string().min(1).max(40)).max(4))
    .refine((keys) => Object.keys(keys).length <= 100, 'at most 100 keys')
    .default({})
    .describe('combinations by action, where they are not the usual ones; none: no key'),
  singleKeys: z.boolean().default(true).describe('keys without Ctrl or Alt'),
  quietHours: z
    .object({ from: timeOfDaySchema, to: timeOfDaySchema })
    .nullable()
    .default(null)
    .describe('by the clock of the device: no notices from one to the other'),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Most bytes of a person's settings. */
export const maxSettingsBytes = 64 * 1024;
