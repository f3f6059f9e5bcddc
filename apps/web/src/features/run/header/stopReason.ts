/** Why a run stopped by itself, as numbers that every language can tell; null for words that this client does not know. */
export type StopReason =
  | { kind: 'tooMany'; failed: number; most: number }
  | { kind: 'tooManyOfWave'; failed: number; servers: number; wave: number; percent: number };

const ofAll = /^(\d+) servers? failed; the plan stops at more than (\d+)\.$/;
const ofWave = /^(\d+) of (\d+) servers? in wave (\d+) failed; the plan stops at more than (\d+) %\.$/;

/** Reads the sentence of the server (features/runs/decide). */
export function readStopReason(text: string): StopReason | null {
  const all = ofAll.exec(text);
  if (all) return { kind: 'tooMany', failed: Number(all[1]), most: Number(all[2]) };
  const [, failed, servers, wave, percent] = (ofWave.exec(text) ?? []).map(Number);
  if (failed === undefined || servers === undefined || wave === undefined || percent === undefined) return null;
  return { kind: 'tooManyOfWave', failed, servers, wave, percent };
}
