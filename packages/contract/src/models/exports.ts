import { z } from 'zod';
import { auditFileFormats } from '../auditFile.ts';

/** Asks that the file which is written of an export is signed. */
export const exportFormatSchema = z
  .enum(auditFileFormats)
  .optional()
  .describe('the last part then carries the signature of a file in this format; none after a cut');

/** For who cannot take all. */
export const exportLimitSchema = z.int().min(0).optional().describe('so many events at most, from the first on');

/** What the server vouches for: docs/verify-export.mjs checks it. */
export const exportSealSchema = z.object({
  manifest: z.string().describe('JSON: what was exported, for whom, and the SHA-256 of the file'),
  whole: z.boolean().describe('false: there are more events than `limit`; the file ends with a line that says so'),
  signature: z.string().describe('Ed25519 of the ledger over the manifest, in base64'),
});
export type ExportSeal = z.infer<typeof exportSealSchema>;
