import { type Gate, isProduction, OmError, type Risk } from '@omanager/contract';
import { manyHosts } from './rollout.ts';

const shortestReason = 10;

/** What the risk of a module asks of whoever starts it: a slip of the hand must start nothing. */
export function gateFor(risk: Risk, environments: readonly string[], count: number): Gate {
  const phrase = `${[...environments].sort().join('+')} ${count}`;
  switch (risk) {
    case 'read':
      return { kind: 'none' };
    case 'change':
      return count >= manyHosts || environments.some(isProduction) ? { kind: 'agree', phrase } : { kind: 'none' };
    case 'disruptive':
      return { kind: 'confirm', phrase: String(count), reason: false };
    case 'destructive':
      return { kind: 'confirm', phrase, reason: true };
  }
}

/** Refuses a start or retry that does not bring what its gate asks for; every client passes through here. */
export function requireGate(
  gate: Gate,
  module: { id: string; risk: Risk },
  { confirm, reason }: { confirm?: string | undefined; reason?: string | undefined },
): void {
  if (gate.kind === 'none') return;
  if (confirm !== gate.phrase) {
    throw new OmError('CONFIRM_REQUIRED', `${module.id} is ${module.risk}: confirm with the words "${gate.phrase}".`, {
      phrase: gate.phrase,
      kind: gate.kind,
    });
  }
  if (gate.kind === 'confirm' && gate.reason && (reason ?? '').trim().length < shortestReason) {
    throw new OmError(
      'REASON_REQUIRED',
      `${module.id} is ${module.risk}: say why, in at least ${shortestReason} characters.`,
    );
  }
}
