import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { CliError } from '../errors.ts';

/** Largest file that is read from disk: what fits in one message. */
const maxFileBytes = 6 * 1024 * 1024;

/** A file's bytes, or standard input for `-`. */
export async function readBytes(path: string, stdin: NodeJS.ReadStream): Promise<Uint8Array> {
  const bytes =
    path === '-' ? await readAll(stdin) : await readFile(path).catch((error: unknown) => failed(path, error));
  if (bytes.length > maxFileBytes) throw new CliError(`${path} has more than ${maxFileBytes} bytes.`);
  return bytes;
}

export async function readText(path: string, stdin: NodeJS.ReadStream): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readBytes(path, stdin));
  } catch (error) {
    if (error instanceof TypeError) throw new CliError(`${path} is not UTF-8 text.`);
    throw error;
  }
}

/** A secret kept in a file: its text without the final newline that editors add. */
export async function readSecret(path: string, stdin: NodeJS.ReadStream): Promise<string> {
  const secret = (await readText(path, stdin)).replace(/\r?\n$/, '');
  if (secret === '') throw new CliError(`${path} is empty.`);
  return secret;
}

export const fileName = (path: string): string => (path === '-' ? 'stdin' : basename(path));

async function readAll(stdin: NodeJS.ReadStream): Promise<Uint8Array> {
  if (stdin.isTTY) throw new CliError('"-" reads standard input: pipe something into om, or name a file.');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    length += bytes.length;
    if (length > maxFileBytes) throw new CliError(`Standard input has more than ${maxFileBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function failed(path: string, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  throw new CliError(`Cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file' : code}.`);
}
