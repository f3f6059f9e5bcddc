import type { CredentialSecret } from '@omanager/contract';
import type { PlanEngine } from '../../features/runs/execute/engine.ts';

/** A credential with its secret, as the vault opens it for the time of a shard. */
export interface OpenedCredential {
  id: string;
  name: string;
  version: number;
  secret: CredentialSecret;
}

/** How a body ended on a host. */
export type BodyResult = Awaited<ReturnType<PlanEngine['run']>>;
