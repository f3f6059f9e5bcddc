import { z } from 'zod';
import { change, query, stream } from '../method.ts';
import {
  deviceNameSchema,
  deviceSchema,
  inviteSchema,
  passwordSchema,
  roleSchema,
  sessionSchema,
  tokenSchema,
  userNameSchema,
  userSchema,
  whoamiSchema,
} from '../models/access.ts';
import { emptySchema, idSchema, nameSchema, okSchema, pageOf, pageParams } from '../models/common.ts';

const signedIn = z.object({
  /** The session's secret, for access.resume on this device; null while the second factor is pending. */
  session: z.string().nullable(),
  /** `totp`: the password was right; call access.verifyTotp to finish. */
  next: z.enum(['done', 'totp']),
  whoami: whoamiSchema.nullable(),
});

export const accessMethods = {
  'access.enrol': change({
    permission: 'enrol',
    summary: 'Redeem an invite: enrol this device and set name and password',
    params: z.strictObject({
      code: z.string().min(20).max(200),
      userName: userNameSchema,
      password: passwordSchema,
      deviceName: deviceNameSchema,
    }),
    result: signedIn,
    secretParams: ['code', 'password'],
    secretResult: true,
    alone: true,
  }),
  'access.signIn': query({
    permission: 'signin',
    summary: 'Sign in on an enrolled device; the session is bound to the device key',
    params: z.strictObject({ userName: userNameSchema, password: z.string().min(1).max(1024) }),
    result: signedIn,
    secretParams: ['password'],
    secretResult: true,
    alone: true,
  }),
  'access.resume': query({
    permission: 'signin',
    summary: 'Take up a session of this device on a new connection',
    params: z.strictObject({ session: z.string().min(20).max(200) }),
    result: whoamiSchema,
    secretParams: ['session'],
    alone: true,
  }),
  'access.verifyTotp': query({
    permission: 'totp',
    summary: 'Finish a sign-in with the code of the authenticator app',
    params: z.strictObject({ code: z.string().regex(/^\d{6}$/, 'six digits') }),
    result: signedIn,
    secretParams: ['code'],
    secretResult: true,
    alone: true,
  }),
  'access.signOut': change({
    permission: 'self',
    summary: 'End this session',
    params: emptySchema,
    result: okSchema,
  }),
  'access.whoami': query({
    permission: 'self',
    summary: 'Who is calling and what they may do',
    params: emptySchema,
    result: whoamiSchema,
  }),
  'access.watch': stream({
    permission: 'self',
    summary: 'Who is calling and what they may do: now, and again whenever that has changed',
    params: emptySchema,
    result: whoamiSchema,
  }),
  'access.changePassword': change({
    permission: 'self',
    summary: 'Change your own password; other sessions of yours end',
    params: z.strictObject({ current: z.string().min(1).max(1024), next: passwordSchema }),
    result: okSchema,
    secretParams: ['current', 'next'],
  }),
  'access.beginTotp': change({
    permission: 'self',
    summary: 'Get a new authenticator seed; it takes effect with access.confirmTotp',
    params: z.strictObject({ password: z.string().min(1).max(1024) }),
    result: z.object({ secret: z.string(), uri: z.string() }),
    secretParams: ['password'],
    secretResult: true,
  }),
  'access.confirmTotp': change({
    permission: 'self',
    summary: 'Turn the second factor on by showing that the app gives the right code',
    params: z.strictObject({ code: z.string().regex(/^\d{6}$/, 'six digits') }),
    result: okSchema,
    secretParams: ['code'],
  }),
  'access.disableTotp': change({
    permission: 'self',
    summary: 'Turn your second factor off',
    params: z.strictObject({ password: z.string().min(1).max(1024) }),
    result: okSchema,
    secretParams: ['password'],
  }),

  'users.list': query({
    permission: 'access.read',
    summary: 'Users, by name',
    params: z.strictObject(pageParams),
    result: pageOf(userSchema),
  }),
  'users.get': query({
    permission: 'access.read',
    summary: 'One user by name',
    params: z.strictObject({ name: userNameSchema }),
    result: userSchema,
  }),
  'users.setRole': change({
    permission: 'access.write',
    summary: 'Give a user another role; it takes hold everywhere at once',
    params: z.strictObject({ name: userNameSchema, role: roleSchema }),
    result: userSchema,
  }),
  'users.remove': change({
    permission: 'access.write',
    summary: 'Disable a user: devices, sessions and tokens are revoked; the audit keeps the name',
    params: z.strictObject({ name: userNameSchema }),
    result: okSchema,
  }),
  'invites.create': change({
    permission: 'access.write',
    summary: 'Make a one-time invite link, for a new user or for a new device of an existing one',
    params: z.strictObject({
      role: roleSchema.default('operator'),
      userName: userNameSchema.optional().describe('an existing user who gets a new device or a new password'),
      ttlMinutes: z.int().min(1).max(60).default(60),
    }),
    result: z.object({ invite: inviteSchema, link: z.string() }),
    secretResult: true,
  }),
  'invites.list': query({
    permission: 'access.read',
    summary: 'Invites, newest first',
    params: z.strictObject(pageParams),
    result: pageOf(inviteSchema),
  }),
  'invites.revoke': change({
    permission: 'access.write',
    summary: 'Make an unused invite worthless',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),

  'devices.list': query({
    permission: 'self',
    summary: 'Devices: your own, or everybody’s with access.read',
    params: z.strictObject({ ...pageParams, mine: z.boolean().default(false) }),
    result: pageOf(deviceSchema),
  }),
  'devices.revoke': change({
    permission: 'self',
    summary: 'Cut a device off at once (your own; others need access.write)',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
  'sessions.list': query({
    permission: 'self',
    summary: 'Live sessions: your own, or everybody’s with access.read',
    params: z.strictObject({ ...pageParams, mine: z.boolean().default(false) }),
    result: pageOf(sessionSchema),
  }),
  'sessions.revoke': change({
    permission: 'self',
    summary: 'End a session at once (your own; others need access.write)',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
  'tokens.list': query({
    permission: 'self',
    summary: 'API tokens: your own, or everybody’s with access.read',
    params: z.strictObject({ ...pageParams, mine: z.boolean().default(false) }),
    result: pageOf(tokenSchema),
  }),
  'tokens.create': change({
    permission: 'self',
    summary: 'Make an API token; it is shown once, and its power is never more than yours',
    params: z.strictObject({ name: nameSchema, role: roleSchema, ttlDays: z.int().min(1).max(366).default(90) }),
    result: z.object({ token: tokenSchema, secret: z.string() }),
    secretResult: true,
  }),
  'tokens.revoke': change({
    permission: 'self',
    summary: 'Make a token worthless at once (your own; others need access.write)',
    params: z.strictObject({ id: idSchema }),
    result: okSchema,
  }),
};
