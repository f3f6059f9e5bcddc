import { Worker } from 'node:worker_threads';

/**
 * Why a private key cannot be used: `unreadable` no known format; `needs_passphrase` it is encrypted; `wrong_passphrase`;
 * `public_key` it is the public half; `too_slow` opening it took longer than the deadline (too many KDF rounds).
 */
export type PrivateKeyProblem = 'unreadable' | 'needs_passphrase' | 'wrong_passphrase' | 'public_key' | 'too_slow';

export type ReadPrivateKey =
  | {
      ok: true;
      type: string;
      /** Of the public half, as OpenSSH prints it. */
      fingerprint: string;
      /** A form of the key that needs no passphrase; the text itself when it had none. */
      privateKey: string;
    }
  | { ok: false; problem: PrivateKeyProblem };

const deadlineMs = 20_000;

/**
 * Reads a private key (OpenSSH, PEM or PuTTY form) and takes its passphrase off. Runs in a worker thread, because a
 * usual passphrase costs a third of a second of computing, and a hostile key as much as it likes (at most 20 s here).
 * Nothing of the key or passphrase is in an error.
 */
export function readPrivateKey(
  text: string,
  passphrase: string | undefined,
  signal: AbortSignal,
): Promise<ReadPrivateKey> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./privateKeyWorker.ts', import.meta.url), {
      workerData: { text, passphrase },
      resourceLimits: { maxOldGenerationSizeMb: 64 },
      execArgv: [],
      env: {},
    });
    const timer = setTimeout(() => finish(() => resolve({ ok: false, problem: 'too_slow' })), deadlineMs);
    const onAbort = () => finish(() => reject(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', (result: ReadPrivateKey) => finish(() => resolve(result)));
    worker.once('error', () => finish(() => resolve({ ok: false, problem: 'unreadable' })));
    worker.once('exit', () => finish(() => resolve({ ok: false, problem: 'unreadable' })));

    function finish(settle: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      void worker.terminate();
      settle();
    }
  });
}
