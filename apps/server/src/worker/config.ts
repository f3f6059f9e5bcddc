import type { InviteLink } from '@omanager/client';
import type { Config } from '../config.ts';

/** What a zone worker needs of the settings, and whom it works for. */
export interface WorkerConfig extends Pick<Config, 'dataDir' | 'ssh' | 'concurrency'> {
  /** At least one; the others are taken where it cannot be reached. */
  servers: readonly InviteLink[];
}
