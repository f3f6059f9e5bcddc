import { createMasker, secretParamsOf } from '@omanager/task-module';
import type { HostIo } from '../../features/runs/engine.ts';
import type { BodyResult, BodyRun } from './script.ts';
import type { OpenedCredential } from './types.ts';

/** Masks both streams, across chunk borders, and the message, before anything is stored, hashed or sent. */
export function maskOutput({
  manifest,
  input,
  credential,
  io,
}: Pick<BodyRun, 'manifest' | 'input' | 'credential' | 'io'>) {
  const secrets = [
    ...secretParamsOf(manifest).flatMap((name) => (typeof input.params[name] === 'string' ? [input.params[name]] : [])),
    ...credentialSecrets(credential),
  ];
  const maskers = { stdout: createMasker(secrets), stderr: createMasker(secrets) };
  const write: HostIo['write'] = (stream, data) => {
    const safe = maskers[stream].push(data);
    return safe.length > 0 ? io.write(stream, safe) : undefined;
  };
  return {
    write,
    async finish(result: BodyResult): Promise<BodyResult> {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = maskers[stream].flush();
        if (rest.length > 0) await io.write(stream, rest);
      }
      if (typeof result.message !== 'string') return result;
      const masker = createMasker(secrets);
      const message = [masker.push(Buffer.from(result.message)), masker.flush()];
      return { ...result, message: Buffer.concat(message).toString('utf8') };
    },
  };
}

function credentialSecrets(credential: OpenedCredential | undefined): string[] {
  if (!credential) return [];
  const { secret } = credential;
  const own = secret.kind === 'key' ? [secret.privateKey, secret.passphrase] : [secret.password];
  return [...own, secret.sudoPassword].filter((text) => text !== undefined);
}
