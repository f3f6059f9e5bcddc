import { z } from 'zod';
import { change, query } from '../method.ts';
import { nameSchema, okSchema, pageOf, pageParams } from '../models/common.ts';
import { credentialSchema, credentialSecretSchema } from '../models/vault.ts';

export const vaultMethods = {
  'credentials.list': query({
    permission: 'credential.read',
    summary: 'Credentials without their secrets, by name',
    params: z.strictObject(pageParams),
    result: pageOf(credentialSchema),
  }),
  'credentials.get': query({
    permission: 'credential.read',
    summary: 'One credential without its secret',
    params: z.strictObject({ name: nameSchema }),
    result: credentialSchema,
  }),
  'credentials.add': change({
    permission: 'credential.write',
    summary: 'Seal a credential into the vault; it can never be read back',
    params: z.strictObject({ name: nameSchema, secret: credentialSecretSchema }),
    result: credentialSchema,
    secretParams: ['secret'],
  }),
  'credentials.replace': change({
    permission: 'credential.write',
    summary: 'Replace the secret: a new version; connections of the old one close within 5 s',
    params: z.strictObject({ name: nameSchema, secret: credentialSecretSchema }),
    result: credentialSchema,
    secretParams: ['secret'],
  }),
  'credentials.remove': change({
    permission: 'credential.write',
    summary: 'Remove a credential that no server uses',
    params: z.strictObject({ name: nameSchema }),
    result: okSchema,
  }),
};
