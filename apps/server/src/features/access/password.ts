import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { OmError } from '@omanager/contract';

/**
 * Passwords as PHC strings (https://github.com/P-H-C/phc-string-format): argon2id, RFC 9106.
 * Each computation takes 19 MiB and tens of milliseconds, so few run at once and few wait.
 */
export interface Passwords {
  /** BUSY when too many wait already. */
  hash(password: string, signal: AbortSignal): Promise<string>;
  /** `known` null means that there is no such user: the same work is done, and the answer is no. */
  verify(
    known: string | null,
    password: string,
    signal: AbortSignal,
  ): Promise<{ right: boolean /** Its parameters are not today’s: hash it anew. */; outdated: boolean }>;
}

interface Parameters {
  memory: number;
  passes: number;
  parallelism: number;
}

const today: Parameters = { memory: 19_456, passes: 2, parallelism: 1 };
const tagLength = 32;
const atOnce = 2;
const maxWaiting = 32;
const derive = promisify(argon2);

export function createPasswords(): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];
  // Nobody’s password: the work for an unknown user.
  const nobody = encode(today, randomBytes(16), randomBytes(tagLength));

  return {
    hash: (password, signal) =>
      inTurn(signal, async () => {
        const salt = randomBytes(16);
        return encode(today, salt, await compute(password, salt, today, tagLength));
      }),
    verify: (known, password, signal) =>
      inTurn(signal, async () => {
        const { parameters, salt, tag } = decode(known ?? nobody);
        const same = timingSafeEqual(tag, await compute(password, salt, parameters, tag.length));
        return { right: same && known !== null, outdated: !known?.startsWith(prefixOf(today)) };
      }),
  };

  async function inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (running >= atOnce) await turn();
    else running++;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  }

  function turn(): Promise<void> {
    if (waiting.length >= maxWaiting) throw new OmError('BUSY');
    return new Promise((resolve) => waiting.push(resolve));
  }
}

function compute(password: string, nonce: Buffer, parameters: Parameters, length: number): Promise<Buffer> {
  // Keyboards differ in how they compose an accented letter; NFC makes it one (RFC 8265).
  return derive('argon2id', { message: password.normalize('NFC'), nonce, ...parameters, tagLength: length });
}

function prefixOf({ memory, passes, parallelism }: Parameters): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$`;
}

function encode(parameters: Parameters, salt: Buffer, tag: Buffer): string {
  return `${prefixOf(parameters)}${base64(salt)}$${base64(tag)}`;
}

function decode(phc: string): { parameters: Parameters; salt: Buffer; tag: Buffer } {
  const parts =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{16,})$/.exec(phc);
  const [, memory, passes, parallelism, salt, tag] = parts ?? [];
  if (!salt || !tag) throw new Error('a stored password hash is damaged');
  return {
    parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
