import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeKey, encodeKey, generateKeyPair, type KeyPair } from '@omanager/secure-channel';
import { createFile } from '../files.ts';

/** The worker's own key, in its data folder; made at the first start. The server knows it once an admin has let it in. */
export async function loadWorkerKey(dataDir: string): Promise<KeyPair> {
  const path = join(dataDir, 'worker.key');
  const fresh = generateKeyPair();
  await createFile(path, `om-worker-key-1 ${encodeKey(fresh.publicKey)} ${encodeKey(fresh.secretKey)}\n`);
  const { mode } = await stat(path);
  if (mode & 0o077) throw new Error(`${path} can be read by others; run: chmod 600 ${path}`);
  const [format, publicKey, secretKey] = (await readFile(path, 'utf8')).trim().split(' ');
  if (format !== 'om-worker-key-1' || !publicKey || !secretKey) throw new Error(`${path} is not a worker key file`);
  return { publicKey: decodeKey(publicKey), secretKey: decodeKey(secretKey) };
}
