/** A key as people compare it, in the form of OpenSSH and of `om`: SHA-256, base64 without padding. */
export async function fingerprintOf(key: Uint8Array): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(key));
  return `SHA256:${btoa(String.fromCharCode(...new Uint8Array(digest))).replace(/=+$/, '')}`;
}
