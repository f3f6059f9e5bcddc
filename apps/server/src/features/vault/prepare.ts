import { type CredentialSecret, OmError } from '@omanager/contract';
import { type PrivateKeyProblem, readPrivateKey } from '@omanager/ssh-fleet';

/** A secret that was looked at and is ready to be sealed. */
export interface Prepared {
  readonly secret: CredentialSecret;
  readonly fingerprint: string | null;
}

const tell: Record<PrivateKeyProblem, string> = {
  unreadable: 'The private key cannot be read; it must be an OpenSSH, PEM or PuTTY (version 2) private key.',
  needs_passphrase: 'The private key is encrypted; give its passphrase as well.',
  wrong_passphrase: 'The private key does not open with this passphrase.',
  public_key: "This is the public half of a key; give the private key (the file without '.pub').",
  too_slow: 'The private key takes too long to open; save it with fewer rounds (ssh-keygen -p -a 24).',
};

/**
 * Opens a private key once: mistakes show now and not in the middle of a run, and what is sealed needs no passphrase,
 * so that the passphrase is kept nowhere. INVALID_PARAMS without a word of the secret.
 */
export async function prepareSecret(secret: CredentialSecret, signal: AbortSignal): Promise<Prepared> {
  if (secret.kind === 'password') return { secret, fingerprint: null };
  const read = await readPrivateKey(secret.privateKey, secret.passphrase, signal);
  if (!read.ok) throw new OmError('INVALID_PARAMS', tell[read.problem], { problem: read.problem });
  const { passphrase: _, ...rest } = secret;
  return { secret: { ...rest, privateKey: read.privateKey }, fingerprint: read.fingerprint };
}
