import { z } from 'zod';
import { change, query } from '../method.ts';
import { emptySchema } from '../models/common.ts';
import { settingsSchema } from '../models/settings.ts';

const { favourites, savedFilters, keys, singleKeys, quietHours } = settingsSchema.shape;

export const settingsMethods = {
  'settings.get': query({
    permission: 'self',
    summary: 'Your own settings',
    params: emptySchema,
    result: z.object({ settings: settingsSchema, saved: z.boolean().describe('false: nothing was ever set') }),
  }),
  'settings.set': change({
    permission: 'self',
    summary: 'Change some of your own settings; what is not given stays',
    params: z.strictObject({
      favourites: favourites.unwrap().optional(),
      savedFilters: savedFilters.unwrap().optional(),
      keys: keys.unwrap().optional(),
      singleKeys: singleKeys.unwrap().optional(),
      quietHours: quietHours.unwrap().optional(),
    }),
    result: z.object({ settings: settingsSchema }),
  }),
};
