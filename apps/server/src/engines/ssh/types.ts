import type { CredentialSecret } from '@omanager/contract';

/** A credential with its secret, as the vault opens it for the time of a shard. */
export interface OpenedCredential {
  id: string;
  name: string;
  version: number;
  secret: CredentialSecret;
}
