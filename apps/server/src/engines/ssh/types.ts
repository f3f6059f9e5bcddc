import type { CredentialSecret } from '@omanager/contract';

/** A credential with its secret, as the vault opens it for the time of a shard. */
export interface OpenedCredential {
  id: string;
  name: string;
  version: number;
  secret: CredentialSecret;
}

/** What a body needs beside the host and the channel. */
export interface BodyContext {
  runId: string;
  timeoutMs: number;
  /** Everything that must not show in output: secret params and the credential's passwords. */
  secrets: readonly string[];
}
