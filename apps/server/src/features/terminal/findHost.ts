import { OmError, type RolePermission } from '@omanager/contract';
import type { Database } from '../../db/database.ts';
import type { AuthorizeObject } from '../../rpc/handlers.ts';
import type { TerminalHost, TerminalPorts } from './ports.ts';

/** Throws FORBIDDEN unless it is allowed. */
export type Authorize = (permission: RolePermission, object?: AuthorizeObject) => void;

interface Source<Host extends TerminalHost> {
  db: Pick<Database, 'knex'>;
  ports: Pick<TerminalPorts<Host>, 'resolve' | 'workerZones'>;
}

/** The server of this name, if this person may do `permission` there with its credential, and if it is reached from here. */
export async function findHost<Host extends TerminalHost>(
  { db, ports }: Source<Host>,
  name: string,
  permission: RolePermission,
  authorize: Authorize,
): Promise<Host> {
  const host = (await ports.resolve(db.knex, name)).find((one) => one.name === name);
  if (!host) throw new OmError('NOT_FOUND', `There is no server ${name}.`);
  authorize(permission, { host: host.id });
  if (host.credentialId === null)
    throw new OmError('NOT_FOUND', `${name} has no credential; set one: om hosts set ${name} --credential NAME`);
  authorize('credential.use', { host: host.id, credential: host.credentialId });
  if (ports.workerZones().has(host.zoneId))
    throw new OmError(
      'CONFLICT',
      `${name} is in zone ${host.zone}, which only a zone worker reaches; terminals and files go there from this server only.`,
    );
  return host;
}
