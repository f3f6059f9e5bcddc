import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeKey, encodeKey, generateKeyPair, type KeyPair } from '@omanager/secure-channel';
import { createFile } from './files.ts';

/** The server's long-term channel key, in the data folder; made at the first start. Clients know it from their invite link. */
export async function loadServerKey(dataDir: string): Promise<KeyPair> {
  const path = join(dataDir, 'server.key');
  const fresh = generateKeyPair();
  await createFile(path, `om-server-key-1 ${encodeKey(fresh.publicKey)} ${encodeKey(fresh.secretKey)}\n`);
  const { mode } = await stat(path);
  if (mode & 0o077) throw new Error(`${path} can be read by others; run: chmod 600 ${path}`);
  const [format, publicKey, secretKey] = (await readFile(path, 'utf8')).trim().split(' ');
  if (format !== 'om-server-key-1' || !publicKey || !secretKey) throw new Error(`${path} is not a server key file`);
  return { publicKey: decodeKey(publicKey), secretKey: decodeKey(secretKey) };
}
