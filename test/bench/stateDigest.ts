import { createHash } from 'node:crypto';
import type { HostRun } from '@omanager/contract';

/** Of the states as they stand at the end; the same function is asked of the server's own list. */
export function digestOf(hosts: Iterable<HostRun>): string {
  const lines = [...hosts]
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ ordinal, name, state, attempt, exitCode, fold, revision }) =>
      [ordinal, name, state, attempt, exitCode, fold, revision].join(' '),
    );
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
