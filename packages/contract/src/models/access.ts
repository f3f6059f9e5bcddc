import { z } from 'zod';
import { roles } from '../permissions.ts';
import { idSchema, timeSchema } from './common.ts';

export const roleSchema = z.enum(roles);
export const userNameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,49}$/u, 'letters, digits, . _ - only, at most 50');
export const passwordSchema = z.string().min(10, 'at least 10 characters').max(1024);
export const deviceNameSchema = z.string().min(1).max(100);

export const userSchema = z.object({
  id: idSchema,
  name: userNameSchema,
  role: roleSchema,
  totp: z.boolean(),
  disabled: z.boolean(),
  createdAt: timeSchema,
  lastSeenAt: timeSchema.nullable(),
});
export type User = z.infer<typeof userSchema>;

export const deviceSchema = z.object({
  id: idSchema,
  userId: idSchema,
  userName: userNameSchema,
  name: deviceNameSchema,
  fingerprint: z.string(),
  createdAt: timeSchema,
  lastSeenAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
});
export type Device = z.infer<typeof deviceSchema>;

export const sessionSchema = z.object({
  id: idSchema,
  userId: idSchema,
  userName: userNameSchema,
  deviceId: idSchema,
  deviceName: deviceNameSchema,
  address: z.string(),
  createdAt: timeSchema,
  lastSeenAt: timeSchema,
  expiresAt: timeSchema,
});
export type Session = z.infer<typeof sessionSchema>;

export const tokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  userId: idSchema,
  userName: userNameSchema,
  role: roleSchema,
  createdAt: timeSchema,
  expiresAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
});
export type Token = z.infer<typeof tokenSchema>;

export const inviteSchema = z.object({
  id: idSchema,
  role: roleSchema,
  userName: userNameSchema.nullable(),
  createdBy: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  redeemedAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
});
export type Invite = z.infer<typeof inviteSchema>;

/** Who is calling, as the caller may know it. */
export const whoamiSchema = z.object({
  kind: z.enum(['user', 'token']),
  userId: idSchema,
  userName: userNameSchema,
  role: roleSchema,
  deviceId: idSchema.nullable(),
  sessionId: idSchema.nullable(),
  totp: z.boolean(),
  permissions: z.array(z.string()),
});
export type Whoami = z.infer<typeof whoamiSchema>;
