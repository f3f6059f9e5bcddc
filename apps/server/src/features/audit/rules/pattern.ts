import { OmError, type PatternFault } from '@omanager/contract';
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Instructions of a compiled pattern: repeats of repeats grow beyond all bounds. */
const maxInstructions = 2000;
const longestPart = 40;

/** What the parser says, as words that clients translate. */
const faults: Readonly<Record<string, PatternFault>> = {
  'invalid character class range': 'range',
  'invalid escape sequence': 'escape',
  'invalid named capture': 'name',
  'duplicate capture group name': 'name',
  'invalid or unsupported Perl syntax': 'unsupported',
  'invalid nested repetition operator': 'repeatOfRepeat',
  'invalid repeat count': 'repeatCount',
  'missing closing ]': 'bracket',
  'missing closing )': 'parenthesis',
  'unexpected )': 'closing',
  'missing argument to repetition operator': 'nothingToRepeat',
  'trailing backslash at end of expression': 'backslash',
  'expression nests too deeply': 'tooLarge',
  'expression too large': 'tooLarge',
};

/** RE2: linear in the text, whatever the pattern. Throws INVALID_PARAMS for what is none; `details` say where and why. */
export function compilePattern(pattern: string, ignoreCase: boolean): (text: string) => boolean {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw new OmError(
      'INVALID_PARAMS',
      'This is no pattern of RE2 syntax (look-ahead and back-references are not supported).',
      { field: 'pattern', ...faultOf(pattern, error) },
    );
  }
  if (compiled.programSize() > maxInstructions)
    throw new OmError('INVALID_PARAMS', 'The pattern is too large: use smaller repeat counts.', {
      ...{ field: 'pattern', fault: 'tooLarge' },
    });
  return (text) => compiled.test(text);
}

/** The place is told only where it is certain: the parser names a part of the pattern, which may stand there twice. */
function faultOf(pattern: string, error: unknown): { fault: PatternFault; part?: string; position?: number } {
  if (!(error instanceof RE2JSSyntaxException)) return { fault: 'other' };
  const fault = faults[error.getDescription()] ?? 'other';
  const part = error.getPattern() ?? '';
  if (part === '' || part === pattern) return { fault };
  const at = pattern.indexOf(part);
  const isCertain = at >= 0 && at === pattern.lastIndexOf(part);
  return { fault, part: part.slice(0, longestPart), ...(isCertain && { position: at + 1 }) };
}
