// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
import type { CastEvent } from './castFile.ts';

export interface TranscriptLine {
  /** Index of the event with which it began. */
  readonly event: number;
  readonly text: string;
  /** Enter was pressed in it. */
  readonly command: boolean;
}

const mostLines = 100_000;
const mostLineChars = 2000;
// CSI, OSC and other strings, charsets, and two-character sequences.
const escapes =
  /\u001b(?:\[[0-9:;<=>?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]+[0-~]|[0-Z\\-~])/g;

/** What was shown, as lines: for reading and searching beside the replay. Full-screen programs make little sense here. */
export function transcriptOf(events: readonly CastEvent[]): TranscriptLine[] {
  const lines: TranscriptLine[] = [];
  let text = '';
  let event = 0;
  let command = false;
  let rest = '';
  const end = () => {
    if (text.trim() !== '' || command) lines.push({ event, text: text.slice(0, mostLineChars), command });
    text = '';
    command = false;
  };
  for (const [index, { code, data }] of events.entries()) {
    if (lines.length >= mostLines) break;
    // With words it says how the recording ends.
    if (code === 'm' && data === '') command = true;
    if (code !== 'o') continue;
    const all = rest + data;
    // A sequence that is cut between two events waits for its end.
    const cut = /\u001b[^\u0007]{0,40}$/.exec(all.slice(-41));
    const isCut = cut !== null && all.slice(-cut[0].length).replace(escapes, '') === cut[0];
    rest = isCut ? cut[0] : '';
    const plain = (isCut ? all.slice(0, -rest.length) : all).replace(escapes, '');
    for (const [position, part] of plain.split('\n').entries()) {
      if (position > 0) end();
      if (text === '') event = index;
      text = typed(text, part);
    }
  }
  end();
  return lines;
}

/** Backspace takes a character back, CR in the middle begins the line anew. */
function typed(before: string, part: string): string {
  let line = before;
  const words = part.replace(/\r+$/, '').split('\r');
  for (const [position, word] of words.entries()) {
    if (position > 0) line = '';
    for (const piece of word.split(/(\u0008)/)) line = piece === '\u0008' ? line.slice(0, -1) : line + piece;
  }
  return line.replace(/[\u0000-\u0007\u000e-\u001f]/g, '').slice(0, mostLineChars);
}
