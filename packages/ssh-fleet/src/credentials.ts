import type { ParsedKey } from 'ssh2';
import ssh2 from 'ssh2';
import { SshError } from './errors.ts';
import type { SshCredential } from './types.ts';

/** A credential that is ready for a sign-in: its private key is parsed and decrypted. */
export type SignIn = { kind: 'key'; key: ParsedKey } | { kind: 'password'; password: string };

export interface SignIns {
  /** Fails with `auth_failed` when the private key cannot be read or decrypted. */
  of(credential: SshCredential): SignIn;
  forget(credentialId: string): void;
}

const maxKeys = 256;

/** Parses each private key once: decrypting one costs tens of milliseconds, and a run uses the same key for every host. */
export function createSignIns(): SignIns {
  const parsed = new Map<string, { id: string; privateKey: string; passphrase: string | undefined; key: ParsedKey }>();

  function of(credential: SshCredential): SignIn {
    const { auth } = credential;
    if (auth.kind === 'password') return { kind: 'password', password: auth.password };
    const name = JSON.stringify([credential.id, credential.version]);
    const found = parsed.get(name);
    if (found && found.privateKey === auth.privateKey && found.passphrase === auth.passphrase)
      return { kind: 'key', key: found.key };
    const key = parsePrivateKey(auth.privateKey, auth.passphrase);
    const oldest = parsed.keys().next().value;
    if (parsed.size >= maxKeys && oldest !== undefined) parsed.delete(oldest);
    parsed.set(name, { id: credential.id, privateKey: auth.privateKey, passphrase: auth.passphrase, key });
    return { kind: 'key', key };
  }

  function forget(credentialId: string): void {
    for (const [name, entry] of parsed) if (entry.id === credentialId) parsed.delete(name);
  }

  return { of, forget };
}

/** Reads a private key (OpenSSH, PEM or PuTTY form). Fails with `auth_failed`; the message never quotes the key. */
export function parsePrivateKey(privateKey: string, passphrase?: string): ParsedKey {
  const outcome = ssh2.utils.parseKey(privateKey, passphrase);
  // ssh2's types say one key; its OpenSSH reader returns a list of one.
  const key = Array.isArray(outcome) ? outcome[0] : outcome;
  if (key instanceof Error || key === undefined) {
    const hint =
      passphrase === undefined ? 'If it is encrypted, add its passphrase to the credential.' : 'Check the passphrase.';
    throw new SshError('auth_failed', `The credential's private key cannot be read. ${hint}`);
  }
  if (!key.isPrivateKey())
    throw new SshError(
      'auth_failed',
      "The credential holds a public key. Store the private key (the file without '.pub').",
    );
  return key;
}
