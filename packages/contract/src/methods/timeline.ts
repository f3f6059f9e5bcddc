import { z } from 'zod';
import { query } from '../method.ts';
import { pageParams, timeSchema } from '../models/common.ts';
import {
  activityDaySchema,
  activityHourSchema,
  activityShareSchema,
  maxActivityDays,
  timelineItemSchema,
  timelineKinds,
} from '../models/timeline.ts';

const subject = {
  host: z.string().min(1).max(100).optional().describe('id or name of a server; an address for unsigned events'),
  user: z.string().min(1).max(100).optional().describe('an operator, and the account of that name on servers'),
};

export const timelineMethods = {
  'audit.timeline': query({
    permission: 'audit.read',
    summary:
      'All that happened on one server, or all that one user did, newest first: commands, runs, acts, recorded terminals, alerts, missing data; audited',
    params: z.strictObject({
      ...pageParams,
      limit: z.int().min(1).max(500).default(100),
      ...subject,
      kinds: z.array(z.enum(timelineKinds)).min(1).max(timelineKinds.length).optional().describe('only these'),
      from: timeSchema.optional(),
      to: timeSchema.optional().describe('before this moment'),
    }),
    result: z.object({
      items: z.array(timelineItemSchema),
      next: z.string().optional().describe('there is more, or more to look through'),
      searchedTo: timeSchema.nullable().describe('the page is complete back to here; null: to the beginning'),
      withheld: z.array(z.enum(timelineKinds)).describe('kinds that the caller may not see: they are not there'),
    }),
  }),
  'commands.activity': query({
    permission: 'audit.read',
    summary: 'How many commands were seen on each of the last days, in each hour of the week, and where most; audited',
    params: z.strictObject({
      ...subject,
      days: z.int().min(1).max(maxActivityDays).default(30),
      until: timeSchema.optional().describe('within the last day; default: now'),
      offsetMinutes: z.int().min(-900).max(900).default(0).describe('where a day begins: minutes east of UTC'),
      top: z.int().min(1).max(50).default(10).describe('servers and users that are named'),
    }),
    result: z.object({
      days: z.array(activityDaySchema).describe('oldest first'),
      hours: z.array(activityHourSchema).describe('those with a command'),
      hosts: z.array(activityShareSchema).describe('with most commands; none when one server or user is asked for'),
      users: z.array(activityShareSchema).describe('the same; those whom the kernel named'),
    }),
  }),
};
