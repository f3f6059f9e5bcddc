import { z } from 'zod';
import { query } from '../method.ts';
import { emptySchema, okSchema } from '../models/common.ts';

export const systemMethods = {
  'system.info': query({
    permission: 'signin',
    summary: 'Server version and time; answers every enrolled device',
    params: emptySchema,
    result: z.object({ name: z.string(), version: z.string(), time: z.iso.datetime() }),
  }),
  'stream.stop': query({
    permission: 'self',
    summary: 'Stop a stream of this connection; stopping it twice is fine',
    params: z.strictObject({ stream: z.string().max(64) }),
    result: okSchema,
  }),
};
