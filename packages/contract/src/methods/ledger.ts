import { z } from 'zod';
import { query, stream } from '../method.ts';
import { ledgerStateSchema, ledgerVerdictSchema } from '../models/ledger.ts';

export const ledgerMethods = {
  'ledger.state': query({
    permission: 'audit.read',
    summary: 'The audit’s ledger: its public key and its newest block',
    params: z.strictObject({}),
    result: ledgerStateSchema,
  }),
  'ledger.verify': stream({
    permission: 'audit.read',
    summary: 'Go through the whole ledger: first how far it is, at the end the verdict. One at a time; itself audited',
    params: z.strictObject({
      publicKey: z.string().max(100).optional().describe('that was kept elsewhere; else the database is believed'),
      checkpoints: z.string().max(1_000_000).optional().describe('that were kept elsewhere, one a line'),
    }),
    result: z.object({
      blocks: z.int(),
      of: z.int(),
      verdict: ledgerVerdictSchema.optional(),
    }),
  }),
  'ledger.prove': query({
    permission: 'audit.read',
    summary: 'A proof that an event stands in the ledger; docs/verify-proof.mjs verifies it anywhere; itself audited',
    params: z.strictObject({ event: z.string().min(1).max(100) }),
    result: z.object({ proof: z.string().describe('JSON') }),
  }),
};
