import { z } from 'zod';

const whole = z.coerce.number().int().min(0).max(1e15);

/** What a forwarder says of itself: the text of its `heartbeat`, and its version by `started`. */
export const heartbeatSchema = z.object({
  version: z.string().max(40).optional(),
  waiting: whole.optional(),
  kib: whole.optional(),
  bound: whole.optional(),
  lost: whole.optional(),
  /** Seconds by which it corrects its clock when it signs. */
  offset: z.coerce.number().int().min(-1e12).max(1e12).optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** From `name=value` parted by spaces; what is not known or not well-formed is passed over. */
export function readHeartbeat(text: string): Heartbeat {
  const pairs = text
    .slice(0, 500)
    .split(' ')
    .map((pair) => pair.split('=', 2));
  const said: Record<string, string> = Object.create(null);
  for (const [name, value] of pairs) if (name && value) said[name] = value;
  const told: Heartbeat = {};
  for (const [name, field] of Object.entries(heartbeatSchema.shape)) {
    const { success, data } = field.safeParse(said[name]);
    if (success && data !== undefined) Object.assign(told, { [name]: data });
  }
  return told;
}
