import { type Manifest, type Masker, prepareMask, secretParamsOf, tailBytes } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/execute/engine.ts';
import type { RunInput } from '../../features/runs/ports.ts';
import type { BodyRun } from './script.ts';
import type { BodyResult, OpenedCredential } from './types.ts';

type Secrets = Pick<BodyRun, 'manifest' | 'input' | 'credential' | 'agentKey'>;

/** Masks both streams, across chunk borders, and the message, before anything is stored, hashed or sent. */
export function maskOutput({ manifest, input, credential, agentKey, io }: Secrets & { io: Pick<HostIo, 'write'> }) {
  const createMasker = prepared({ manifest, input, credential, agentKey });
  const maskers = { stdout: createMasker(), stderr: createMasker() };
  const write: HostIo['write'] = (stream, data) => {
    const waits = maskers[stream].push(data).map((safe) => io.write(stream, safe));
    const pending = waits.filter((wait) => wait !== undefined);
    return pending.length > 1 ? Promise.all(pending).then(() => {}) : pending[0];
  };
  return {
    write,
    async finish(result: BodyResult): Promise<BodyResult> {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = maskers[stream].flush();
        if (rest.length > 0) await io.write(stream, rest);
      }
      if (typeof result.message !== 'string') return result;
      const masker = createMasker();
      const message = [...masker.push(Buffer.from(result.message)), masker.flush()];
      return { ...result, message: Buffer.concat(message).toString('utf8') };
    },
  };
}

/** Of a tail that was cut, so much at its beginning may be a part of a secret, where no line ends before. */
const unsafeBytes = 4096;

/** Masks the end of an output as {@link maskOutput} masks the whole. What stands before its first whole line could be half a secret. */
export function maskTail(secrets: Secrets, tail: Uint8Array): Uint8Array {
  const line = tail.subarray(0, unsafeBytes).indexOf(10) + 1;
  const safe = tail.length < tailBytes ? tail : tail.subarray(line > 0 ? line : unsafeBytes);
  const masker = prepared(secrets)();
  return Buffer.concat([...masker.push(safe), masker.flush()]);
}

/** By the input of a shard and the credential: the hosts of a shard share both, and preparing costs a millisecond. */
const known = new WeakMap<RunInput, Map<string, () => Masker>>();

function prepared({ manifest, input, credential, agentKey }: Secrets): () => Masker {
  const shared = [...paramSecrets(manifest, input), ...credentialSecrets(credential)];
  // One host's own: it is shared with no other.
  if (agentKey) return prepareMask([...shared, agentKey.key]);
  const ofInput = known.get(input) ?? new Map<string, () => Masker>();
  known.set(input, ofInput);
  const id = credential?.id ?? '';
  const createMasker = ofInput.get(id) ?? prepareMask(shared);
  ofInput.set(id, createMasker);
  return createMasker;
}

/** A larger file cannot be looked for in all its forms. */
const maxSecretFile = 65_536;

function paramSecrets(manifest: Manifest, { params, files }: RunInput): string[] {
  return secretParamsOf(manifest).flatMap((name) => {
    const text = params[name];
    if (typeof text === 'string') return [text];
    const bytes = Buffer.from(files[name]?.data ?? '', 'base64');
    return bytes.length <= maxSecretFile ? [bytes.toString('utf8')] : [];
  });
}

function credentialSecrets(credential: OpenedCredential | undefined): string[] {
  if (!credential) return [];
  const { secret } = credential;
  const own = secret.kind === 'key' ? [secret.privateKey, secret.passphrase] : [secret.password];
  return [...own, secret.sudoPassword].filter((text) => text !== undefined);
}
