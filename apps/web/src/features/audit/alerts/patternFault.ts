import { type OmError, patternFaults } from '@omanager/contract';
import { useTexts } from '../../../i18n/useTexts.ts';
import { safeText } from '../../../ui/safeText.ts';
import { patternTexts } from './patternTexts.ts';

/** What is wrong with the pattern of a rule, where an error is about that, in the language of the reader. */
export function usePatternFault(): (error: OmError | null) => string | null {
  const t = useTexts(patternTexts);
  return (error) => {
    const details = error?.details;
    if (details?.field !== 'pattern') return null;
    const why = t(patternFaults.find((one) => one === details.fault) ?? 'other');
    const { part, position } = details;
    if (typeof part !== 'string') return why;
    const shown = safeText(part);
    return typeof position === 'number' ? t('at', { why, part: shown, position }) : t('near', { why, part: shown });
  };
}
