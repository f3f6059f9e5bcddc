/** How to sign in. Secrets are used for the connection only and never appear in errors or statistics. */
export type SshAuth =
  | { kind: 'key'; privateKey: string; passphrase?: string | undefined }
  | { kind: 'password'; password: string };

/** `version` changes whenever the secret does: connections made with another version are never shared. */
export interface SshCredential {
  id: string;
  version: number | string;
  auth: SshAuth;
}

/** A host's public key: `key` is the base64 text of a known_hosts or authorized_keys line. */
export interface HostKey {
  type: string;
  key: string;
}

/** A host's key with its fingerprint as OpenSSH prints it (`SHA256:…`). */
export interface OfferedHostKey extends HostKey {
  fingerprint: string;
}

/** What is known of a host's identity. `accept` only counts while no key at all is known. */
export interface HostTrust {
  keys: readonly HostKey[];
  /** Keys (base64) that must never be accepted, whoever offers them. */
  revoked: readonly string[];
  firstUse: 'refuse' | 'accept';
}

/** One SSH server: a target or a jump host on the way to it. */
export interface SshHop {
  address: string;
  port: number;
  username: string;
  credential: SshCredential;
  trust: HostTrust;
}

/** A server and the jump hosts on the way to it, outermost first. */
export interface SshTarget extends SshHop {
  via: readonly SshHop[];
}
