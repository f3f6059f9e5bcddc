import { OmError } from '@omanager/contract';
import { RE2JS } from 're2js';

/** Instructions of a compiled pattern: repeats of repeats grow beyond all bounds. */
const maxInstructions = 2000;

/** RE2: linear in the text, whatever the pattern. Throws INVALID_PARAMS for what is none. */
export function compilePattern(pattern: string, ignoreCase: boolean): (text: string) => boolean {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    throw new OmError(
      'INVALID_PARAMS',
      'This is no pattern of RE2 syntax (look-ahead and back-references are not supported).',
    );
  }
  if (compiled.programSize() > maxInstructions)
    throw new OmError('INVALID_PARAMS', 'The pattern is too large: use smaller repeat counts.');
  return (text) => compiled.test(text);
}
