import ssh2, { type ParsedKey } from 'ssh2';
import { SshError } from './errors.ts';
import { type PrivateKeyProblem, readPrivateKey } from './privateKey.ts';
import type { SshCredential } from './types.ts';

/** A credential that is ready for a sign-in: its private key is parsed and decrypted. */
export type SignIn = { kind: 'key'; key: ParsedKey } | { kind: 'password'; password: string };

export interface SignIns {
  /** Fails with `auth_failed` when the private key cannot be read or decrypted. */
  of(credential: SshCredential): Promise<SignIn>;
  forget(credentialId: string): void;
  close(): void;
}

interface Entry {
  credentialId: string;
  privateKey: string;
  passphrase: string | undefined;
  signIn: Promise<SignIn>;
}

const maxKeys = 256;

/** Reads each private key once: opening one costs up to seconds, and a run uses the same key for every host. */
export function createSignIns(): SignIns {
  const entries = new Map<string, Entry>();
  const stop = new AbortController();

  async function of({ id, version, auth }: SshCredential): Promise<SignIn> {
    if (auth.kind === 'password') return { kind: 'password', password: auth.password };
    const { privateKey, passphrase } = auth;
    const name = JSON.stringify([id, version]);
    const found = entries.get(name);
    if (found?.privateKey === privateKey && found.passphrase === passphrase) return found.signIn;
    const oldest = entries.keys().next().value;
    if (entries.size >= maxKeys && oldest !== undefined) entries.delete(oldest);
    const signIn = readKey(privateKey, passphrase, stop.signal);
    entries.set(name, { credentialId: id, privateKey, passphrase, signIn });
    signIn.catch(() => entries.delete(name));
    return signIn;
  }

  function forget(credentialId: string): void {
    for (const [name, entry] of entries) if (entry.credentialId === credentialId) entries.delete(name);
  }

  return { of, forget, close: () => stop.abort() };
}

const tell: Record<PrivateKeyProblem, string> = {
  unreadable: "The credential's private key cannot be read. Store an OpenSSH, PEM or PuTTY (version 2) private key.",
  needs_passphrase: "The credential's private key is encrypted. Add its passphrase to the credential.",
  wrong_passphrase: "The passphrase does not open the credential's private key. Correct it in the credential.",
  public_key: "The credential holds a public key. Store the private key (the file without '.pub').",
  too_slow: "The credential's private key takes too long to open. Save it with fewer rounds (ssh-keygen -p -a 24).",
};

async function readKey(privateKey: string, passphrase: string | undefined, signal: AbortSignal): Promise<SignIn> {
  // Without a passphrase nothing takes long, and most keys come without: no thread is started for them.
  const plain = parsePrivateKey(privateKey);
  if (plain) return { kind: 'key', key: plain };
  const read = await readPrivateKey(privateKey, passphrase, signal);
  const key = read.ok ? parsePrivateKey(read.privateKey) : undefined;
  if (!key) throw new SshError('auth_failed', tell[read.ok ? 'unreadable' : read.problem]);
  return { kind: 'key', key };
}

/** Reads an unencrypted private key (OpenSSH, PEM or PuTTY form); anything else is undefined. */
export function parsePrivateKey(text: string): ParsedKey | undefined {
  const outcome = ssh2.utils.parseKey(text);
  // ssh2's types say one key; its OpenSSH reader returns a list of one.
  const key = Array.isArray(outcome) ? outcome[0] : outcome;
  return key instanceof Error || !key?.isPrivateKey() ? undefined : key;
}
