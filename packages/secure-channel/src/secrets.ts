/** Remembers secrets so that all of them can be wiped at once. Best effort: a JavaScript engine may have copies. */
export interface Secrets {
  keep<Secret extends Uint8Array>(secret: Secret): Secret;
  wipe(): void;
}

export function createSecrets(): Secrets {
  const kept: Uint8Array[] = [];
  return {
    keep(secret) {
      kept.push(secret);
      return secret;
    },
    wipe() {
      for (const secret of kept.splice(0)) secret.fill(0);
    },
  };
}
