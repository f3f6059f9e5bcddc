import { readFileSync } from 'node:fs';

/** Beside SSH connections: clients, database, files, and room to spare. */
const others = 2000;

/** Open files that a process with so many SSH connections needs. */
export const descriptorsFor = (connections: number): number => connections + others;

/** Open files that this process may have; null where the system does not say, or sets no limit. Node raises it to the hard limit itself. */
export function descriptorLimit(limits: () => string = () => readFileSync('/proc/self/limits', 'utf8')): number | null {
  try {
    const soft = Number(/^Max open files\s+(\d+)/m.exec(limits())?.[1]);
    return Number.isNaN(soft) ? null : soft;
  } catch {
    return null;
  }
}

/** SSH connections for which the limit has room: at most those wanted, and where it is very low half of it. */
export function connectionsWithin(wanted: number, limit: number | null): number {
  if (limit === null || limit >= descriptorsFor(wanted)) return wanted;
  return Math.min(wanted, Math.max(limit - others, Math.floor(limit / 2)));
}

interface Log {
  warn(details: object, message: string): void;
}

/**
 * The settings with no more SSH connections than open files allow, and says so: without descriptors servers would look
 * unreachable and clients could not come in.
 */
export function fitDescriptors<C extends { ssh: { maxConnections: number } }>(
  config: C,
  log: Log,
  limit: number | null = descriptorLimit(),
): C {
  const wanted = config.ssh.maxConnections;
  const maxConnections = connectionsWithin(wanted, limit);
  if (maxConnections === wanted) return config;
  log.warn(
    { openFiles: limit, needed: descriptorsFor(wanted), sshConnections: maxConnections },
    `too few open files for OM_SSH_CONNECTIONS=${wanted}: ${maxConnections} are kept; raise the limit (LimitNOFILE= in the systemd unit, ulimit -n)`,
  );
  return { ...config, ssh: { ...config.ssh, maxConnections } };
}
