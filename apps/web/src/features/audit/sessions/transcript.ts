import type { Cast } from './cast.ts';
import { countUpTo, createNumbers } from './numbers.ts';
import { plainLine } from './plainText.ts';

/**
 * What was shown, as lines: for reading and searching beside the replay. Full-screen programs make little sense here.
 * Only where each line stands is kept; its text is made of the recording's bytes when it is asked for.
 */
export interface Transcript {
  /** Lines so far. */
  readonly count: number;
  /** Those in which Enter was pressed. */
  readonly commands: readonly number[];
  /** There are more than it holds. */
  readonly isCut: boolean;
  /** The event with which a line began. */
  eventOf(line: number): number;
  isCommand(line: number): boolean;
  textOf(line: number): string;
  /** Bytes of the recording from the beginning of one line to the end of another. */
  rangeOf(first: number, last: number): { from: number; to: number };
}

export interface TranscriptBuilder {
  readonly transcript: Transcript;
  /** Goes on with some of the first `count` events of the recording. False when there is nothing more of them. */
  step(count: number): boolean;
  /** Nothing more arrives. */
  end(): void;
}

const mostLines = 3_000_000;
/** What has no ends of lines, such as a screen that is drawn again and again, is cut at about so many bytes. */
const mostLineBytes = 8192;
const mostLineChars = 2000;
const stepBytes = 256 * 1024;
const lineFeed = 10;
const escapeByte = 27;

export function createTranscript(cast: Cast): TranscriptBuilder {
  const events = createNumbers('u32');
  const starts = createNumbers('u32');
  const ends = createNumbers('u32');
  const commands: number[] = [];
  let event = 0;
  /** Of the line that is not over: where, with which event it began, and whether Enter was pressed in it. */
  let from = 0;
  let began = 0;
  let entered = false;
  let hasBegun = false;

  function close(to: number): void {
    if (entered || isText(cast, from, to)) {
      if (entered) commands.push(starts.length);
      events.push(began);
      starts.push(from);
      ends.push(to);
    }
    from = to;
    entered = false;
    hasBegun = false;
  }

  function take(): void {
    const start = cast.startOf(event);
    const end = cast.startOf(event + 1);
    if (cast.isCommand(event)) entered = true;
    // With what is seen of it, not with colours before.
    hasBegun ||= isText(cast, from, start);
    if (!hasBegun) began = event;
    let at = start;
    for (const piece of cast.read(start, end)) {
      for (let i = piece.indexOf(lineFeed); i >= 0; i = piece.indexOf(lineFeed, i + 1)) {
        close(at + i + 1);
        began = event;
      }
      at += piece.length;
    }
    if (end - from > mostLineBytes) close(end);
  }

  const isFull = () => starts.length >= mostLines;
  const transcript: Transcript = {
    get count() {
      return starts.length;
    },
    commands,
    get isCut() {
      return isFull();
    },
    eventOf: events.at,
    isCommand(line) {
      return commands[countUpTo(commands.length, (index) => commands[index] ?? 0, line) - 1] === line;
    },
    textOf: (line) => plainLine(textAt(cast, starts.at(line), ends.at(line))).slice(0, mostLineChars),
    rangeOf: (first, last) => ({ from: starts.at(first), to: ends.at(last) }),
  };
  return {
    transcript,
    step(count) {
      const until = cast.startOf(event) + stepBytes;
      for (let taken = 0; event < count && cast.startOf(event) < until && taken < 20_000 && !isFull(); taken++) {
        take();
        event++;
      }
      return event < count && !isFull();
    },
    end: () => close(cast.startOf(event)),
  };
}

/** As UTF-8. */
export function textAt(cast: Cast, from: number, to: number): string {
  const pieces = cast.read(from, to);
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join('') + decoder.decode();
}

function isText(cast: Cast, from: number, to: number): boolean {
  let isSeen = false;
  for (const piece of cast.read(from, to))
    for (const byte of piece) {
      if (byte === escapeByte) return plainLine(textAt(cast, from, to)).trim() !== '';
      if (byte > 32) isSeen = true;
    }
  return isSeen;
}
