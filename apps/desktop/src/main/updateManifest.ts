import { createPublicKey, verify } from 'node:crypto';
import { z } from 'zod';

const versionSchema = z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}$/);

/** What stands in `latest.json`; `latest.json.sig` is the Ed25519 signature of its bytes, in base64. */
const manifestSchema = z.strictObject({
  version: versionSchema,
  /** By platform and architecture, such as `win32-x64`. */
  files: z.record(
    z.string(),
    z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$/),
      size: z
        .int()
        .min(1)
        .max(1024 * 1024 * 1024),
      sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
    }),
  ),
});
export type UpdateManifest = z.infer<typeof manifestSchema>;
export type UpdateFile = UpdateManifest['files'][string];

/** Where updates come from: an https folder and the public key that its manifests are signed with (SPKI, base64). */
export const updateSourceSchema = z.strictObject({
  url: z.url({ protocol: /^https$/ }).refine((url) => url.endsWith('/'), 'a folder: it ends with /'),
  publicKey: z.string().min(40).max(200),
});
export type UpdateSource = z.infer<typeof updateSourceSchema>;

/** The manifest, if the pinned key signed exactly these bytes; nothing of them is read before that is known. */
export function readManifest(bytes: Uint8Array, signature: string, publicKey: string): UpdateManifest {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the pinned key is not an Ed25519 key');
  if (!verify(null, bytes, key, Buffer.from(signature.trim(), 'base64')))
    throw new Error('the signature of the update does not fit the key of this application');
  return manifestSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}

/** Whether `next` is newer than `current`; the same or an older one never is. */
export function isNewer(next: string, current: string): boolean {
  const parts = (version: string): number[] => versionSchema.parse(version).split('.').map(Number);
  const [a, b] = [parts(next), parts(current)];
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}
