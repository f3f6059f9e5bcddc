import type { ActionEvent } from '@omanager/contract';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import { actorKeyOf } from './actorKeys.ts';
import { actorTexts } from './actorTexts.ts';

/** Who did it, in the language of now: records stay as they are. */
export function useActorName(): (event: Pick<ActionEvent, 'actorKind' | 'actorName'>) => string {
  const t = useTexts(actorTexts);
  return (event) => {
    const key = actorKeyOf(event);
    return key === null ? safeText(event.actorName) : t(key);
  };
}
