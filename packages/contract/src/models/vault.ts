import { z } from 'zod';
import { idSchema, nameSchema, timeSchema } from './common.ts';

/** The secret half of a credential: write-only, no method ever returns it. */
export const credentialSecretSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('key'),
    privateKey: z.string().min(1).max(32_768),
    passphrase: z.string().max(1024).optional(),
    sudoPassword: z.string().max(1024).optional(),
  }),
  z.object({
    kind: z.literal('password'),
    password: z.string().min(1).max(1024),
    sudoPassword: z.string().max(1024).optional(),
  }),
]);
export type CredentialSecret = z.infer<typeof credentialSecretSchema>;

export const credentialSchema = z.object({
  id: idSchema,
  name: nameSchema,
  kind: z.enum(['key', 'password']),
  version: z.int(),
  /** Fingerprint of the public half for a key; null for a password. */
  fingerprint: z.string().nullable(),
  hasSudoPassword: z.boolean(),
  hosts: z.int(),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});
export type Credential = z.infer<typeof credentialSchema>;
