import type { ActionEvent } from '@omanager/contract';

type ActorKey = 'firstStart' | 'terminals' | 'retention' | 'agents' | 'ssh' | 'unknownDevice' | 'device';

/** What the server calls itself, by what it does. */
const ofSystem: ReadonlyMap<string, ActorKey> = new Map([
  ['first start', 'firstStart'],
  ['terminals', 'terminals'],
  ['retention', 'retention'],
  ['audit agent', 'agents'],
  ['ssh', 'ssh'],
]);

/** Which of the words it is; null: a name, or a command of the server, which is nobody's to translate. */
export function actorKeyOf({ actorKind, actorName }: Pick<ActionEvent, 'actorKind' | 'actorName'>): ActorKey | null {
  if (actorKind === 'system') return ofSystem.get(actorName) ?? null;
  if (actorKind === 'anonymous' && actorName === 'unknown device') return 'unknownDevice';
  return actorKind === 'device' && actorName === 'device' ? 'device' : null;
}
