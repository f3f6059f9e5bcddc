import { createHash } from 'node:crypto';
import { parse, stringify } from 'uuid';

/** Between the worker and its process; not a letter of base64url. */
const joint = '.';
const instanceChars = 13;

/**
 * Whose leases these are: the worker, which the server knows by its key, and the process that says it is one. Another
 * worker cannot name this one's leases, and a worker that was started again does not own what its last process held.
 * 36 characters: the worker's id as 22 of base64url, and as much of the process's as fits.
 */
export function ownerOf(workerId: string, instance: string): string {
  const hash = createHash('sha256').update(instance).digest('base64url');
  return `${prefixOf(workerId)}${hash.slice(0, instanceChars)}`;
}

/** What all owners of this worker begin with. */
export function prefixOf(workerId: string): string {
  return Buffer.from(parse(workerId)).toString('base64url') + joint;
}

/** The worker of an owner; null where the owner is a process of the server itself. */
export function workerOf(owner: string): string | null {
  const [worker = '', instance] = owner.split(joint);
  const bytes = Buffer.from(worker, 'base64url');
  return instance === undefined || bytes.length !== 16 ? null : stringify(bytes);
}
