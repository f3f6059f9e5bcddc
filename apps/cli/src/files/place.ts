import type { Client } from '@omanager/client';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';

/** A path on a server. */
export interface Place {
  host: string;
  path: string;
}

/** `web-01:/etc/hosts`, or a path under the home of the login user: `web-01:notes.txt`. */
export async function placeOf(cli: Cli, client: Pick<Client, 'call'>, text: string): Promise<Place> {
  const at = text.indexOf(':');
  const [host, path] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || path === '') throw new CliError(`"${text}" is not <server>:<path>, such as web-01:/var/log/syslog.`);
  const plain = path.length > 1 ? path.replace(/\/+$/, '') : path;
  if (plain.startsWith('/')) return { host, path: plain };
  // No name has a NUL, so that nothing but the path of the folder comes back.
  const home = await client.call('files.list', { host, find: '\0' }, { signal: cli.signal });
  return { host, path: `${home.path === '/' ? '' : home.path}/${plain}` };
}
