import { z } from 'zod';
import { alertSchema } from './alerts.ts';
import { actionEventSchema } from './audit.ts';
import { commandEventSchema } from './commands.ts';
import { idSchema, timeSchema, titleSchema } from './common.ts';
import { hostStateSchema, runStateSchema } from './runs.ts';
import { recordingSchema } from './terminals.ts';

/** `gap`: what the audit has to say about a server itself: data is missing, comes again, the agent began. */
export const timelineKinds = ['command', 'gap', 'run', 'action', 'session', 'alert'] as const;
export type TimelineKind = (typeof timelineKinds)[number];

const at = timeSchema.describe('when it began');

/** A run, as much of it as a line shows. */
export const timelineRunSchema = z.object({
  id: idSchema,
  number: z.int(),
  module: z.object({ id: z.string(), title: titleSchema }),
  state: runStateSchema,
  total: z.int(),
  startedBy: z.string(),
  endedAt: timeSchema.nullable(),
  hostState: hostStateSchema.nullable().describe('of the server whose timeline it is'),
});

/** One thing that happened on a server, or that somebody did. */
export const timelineItemSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('command'), at, command: commandEventSchema }),
  z.object({ kind: z.literal('gap'), at, command: commandEventSchema }),
  z.object({ kind: z.literal('run'), at, run: timelineRunSchema }),
  z.object({ kind: z.literal('action'), at, action: actionEventSchema }),
  z.object({ kind: z.literal('session'), at, session: recordingSchema }),
  z.object({ kind: z.literal('alert'), at, alert: alertSchema }),
]);
export type TimelineItem = z.infer<typeof timelineItemSchema>;

/** Most days that `commands.activity` counts. */
export const maxActivityDays = 92;

const counts = {
  inside: z.int().describe('commands of a run or a recorded terminal'),
  outside: z.int().describe('commands of neither'),
};
export const activityDaySchema = z.object({ day: z.iso.date(), from: timeSchema, to: timeSchema, ...counts });
export type ActivityDay = z.infer<typeof activityDaySchema>;
export const activityHourSchema = z.object({
  weekday: z.int().min(1).max(7).describe('1: Monday'),
  hour: z.int().min(0).max(23),
  ...counts,
});
export type ActivityHour = z.infer<typeof activityHourSchema>;
export const activityShareSchema = z.object({ name: z.string(), ...counts });
export type ActivityShare = z.infer<typeof activityShareSchema>;
