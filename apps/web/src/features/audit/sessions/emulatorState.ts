import type { Terminal } from '@xterm/xterm';
import type { Size } from './cast.ts';

/**
 * All that decides how an emulator goes on, copied out and in. Its serializer leaves out scroll regions, charsets, saved
 * cursors and tab stops, with which vim and tmux work; so this reads what xterm.js 6 keeps within. Its version is pinned,
 * and the tests compare with a replay from the beginning.
 */
export interface EmulatorState extends Size {
  readonly normal: BufferState;
  /** Null while it is not shown: then it is empty. */
  readonly alternate: BufferState | null;
  readonly pen: Pen;
  readonly modes: object;
  readonly privateModes: object;
  readonly isCursorHidden: boolean;
  readonly charset: object | undefined;
  readonly charsets: readonly (object | undefined)[];
  readonly glevel: number;
  readonly joinState: number;
  /** Roughly, in memory. */
  readonly bytes: number;
}

interface BufferState {
  /** Three numbers a cell, of all lines, each without the empty cells at its end. */
  readonly cells: Uint32Array;
  /** Cells of each line. */
  readonly lengths: Uint16Array;
  /** Cells that each line has room for: after changes of size not always the columns of the screen. */
  readonly widths: Uint16Array;
  readonly wrapped: Uint8Array;
  /** Lines that have more than numbers: combined characters, styled underlines. */
  readonly more: ReadonlyMap<number, Pick<Line, '_combined' | '_extendedAttrs'>>;
  readonly places: Places;
  readonly tabs: object;
  readonly savedPen: Pen;
}

interface Pen {
  clone(): Pen;
}
interface Line {
  _data: Uint32Array;
  _combined: Record<number, string>;
  _extendedAttrs: Record<number, Pen | undefined>;
  length: number;
  isWrapped: boolean;
}
interface Places {
  x: number;
  y: number;
  ybase: number;
  scrollTop: number;
  scrollBottom: number;
  savedX: number;
  savedY: number;
  savedCharset: object | undefined;
}
interface Buffer extends Places {
  readonly lines: { length: number; get(index: number): Line | undefined; push(line: Line): void };
  ydisp: number;
  tabs: object;
  savedCurAttrData: Pen;
  getBlankLine(attributes: undefined, isWrapped: boolean): Line;
}
interface Core {
  readonly buffers: {
    readonly normal: Buffer;
    readonly alt: Buffer;
    readonly active: Buffer;
    activateAltBuffer(): void;
  };
  readonly coreService: {
    modes: object;
    decPrivateModes: object;
    isCursorHidden: boolean;
    isCursorInitialized: boolean;
  };
  readonly _bufferService: { readonly _onScroll: { fire(line: number): void } };
  readonly _charsetService: { charset: object | undefined; glevel: number; _charsets: (object | undefined)[] };
  readonly _inputHandler: {
    _curAttrData: Pen;
    readonly _parser: { readonly currentState: number; precedingJoinState: number; reset(): void };
  };
}

// Its types name only what is public.
const coreOf = (terminal: Terminal): Core => (terminal as unknown as { readonly _core: Core })._core;

/** Null in the middle of an escape sequence: ask again after more output. */
export function stateOf(terminal: Terminal): EmulatorState | null {
  const { buffers, coreService, _charsetService, _inputHandler } = coreOf(terminal);
  if (_inputHandler._parser.currentState !== 0) return null;
  const normal = bufferState(buffers.normal);
  const alternate = buffers.active === buffers.alt ? bufferState(buffers.alt) : null;
  return {
    cols: terminal.cols,
    rows: terminal.rows,
    normal,
    alternate,
    pen: _inputHandler._curAttrData.clone(),
    modes: { ...coreService.modes },
    privateModes: { ...coreService.decPrivateModes },
    isCursorHidden: coreService.isCursorHidden,
    charset: _charsetService.charset,
    charsets: [..._charsetService._charsets],
    glevel: _charsetService.glevel,
    joinState: _inputHandler._parser.precedingJoinState,
    bytes: bytesOf(normal) + (alternate ? bytesOf(alternate) : 0),
  };
}

/** Empty, of this size, as at the beginning. */
export function clear(terminal: Terminal, { cols, rows }: Size): void {
  // The size first: what is made anew then has no trace of another.
  terminal.resize(cols, rows);
  terminal.reset();
  const { coreService, _inputHandler } = coreOf(terminal);
  // A sequence that was cut goes on in its parser otherwise, and a cursor that was hidden stays so.
  _inputHandler._parser.reset();
  coreService.isCursorHidden = false;
  // Nobody types here: a cursor is seen without.
  coreService.isCursorInitialized = true;
}

export function restore(terminal: Terminal, state: EmulatorState): void {
  clear(terminal, state);
  const { buffers, coreService, _bufferService, _charsetService, _inputHandler } = coreOf(terminal);
  fill(buffers.normal, state.normal);
  if (state.alternate) {
    buffers.activateAltBuffer();
    fill(buffers.alt, state.alternate);
  }
  _inputHandler._curAttrData = state.pen.clone();
  _inputHandler._parser.precedingJoinState = state.joinState;
  coreService.modes = { ...state.modes };
  coreService.decPrivateModes = { ...state.privateModes };
  coreService.isCursorHidden = state.isCursorHidden;
  _charsetService.charset = state.charset;
  _charsetService._charsets = [...state.charsets];
  _charsetService.glevel = state.glevel;
  // Its scroll bar is told: else it goes back to where that stands.
  _bufferService._onScroll.fire(buffers.active.ydisp);
  terminal.refresh(0, terminal.rows - 1);
}

function bufferState(buffer: Buffer): BufferState {
  const count = buffer.lines.length;
  const lengths = new Uint16Array(count);
  const widths = new Uint16Array(count);
  const wrapped = new Uint8Array(count);
  const more = new Map<number, Pick<Line, '_combined' | '_extendedAttrs'>>();
  let all = 0;
  for (let i = 0; i < count; i++) {
    const line = buffer.lines.get(i);
    const length = line ? filled(line) : 0;
    lengths[i] = length;
    widths[i] = line?.length ?? 0;
    all += length;
  }
  const cells = new Uint32Array(all * 3);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const line = buffer.lines.get(i);
    if (!line) continue;
    cells.set(line._data.subarray(0, (lengths[i] ?? 0) * 3), at);
    at += (lengths[i] ?? 0) * 3;
    wrapped[i] = line.isWrapped ? 1 : 0;
    if (hasAny(line._combined) || hasAny(line._extendedAttrs)) more.set(i, copied(line));
  }
  const { x, y, ybase, scrollTop, scrollBottom, savedX, savedY, savedCharset, tabs, savedCurAttrData } = buffer;
  const places = { x, y, ybase, scrollTop, scrollBottom, savedX, savedY, savedCharset };
  return { cells, lengths, widths, wrapped, more, places, tabs: { ...tabs }, savedPen: savedCurAttrData.clone() };
}

function fill(buffer: Buffer, { cells, lengths, widths, wrapped, more, places, tabs, savedPen }: BufferState): void {
  buffer.lines.length = 0;
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    const line = buffer.getBlankLine(undefined, wrapped[i] === 1);
    widen(line, widths[i] ?? 0);
    line._data.set(cells.subarray(at, at + length * 3));
    at += length * 3;
    const rest = more.get(i);
    if (rest) Object.assign(line, copied(rest));
    buffer.lines.push(line);
  }
  Object.assign(buffer, places, { tabs: { ...tabs }, savedCurAttrData: savedPen.clone(), ydisp: places.ybase });
}

function widen(line: Line, width: number): void {
  if (line.length === width) return;
  line._data = new Uint32Array(width * 3);
  for (let cell = 0; cell < width; cell++) line._data[cell * 3] = blankCell;
  line.length = width;
}

/** Cells without those at the end of a line that are as in a blank one. */
function filled({ _data, length }: Line): number {
  for (let cell = length - 1; cell >= 0; cell--)
    if (_data[cell * 3] !== blankCell || _data[cell * 3 + 1] !== 0 || _data[cell * 3 + 2] !== 0) return cell + 1;
  return 0;
}

/** No character, one column wide. */
const blankCell = 1 << 22;

function hasAny(object: object): boolean {
  for (const _ in object) return true;
  return false;
}

function copied({ _combined, _extendedAttrs }: Pick<Line, '_combined' | '_extendedAttrs'>) {
  const attributes = Object.entries(_extendedAttrs).map(([cell, value]) => [cell, value?.clone()]);
  return { _combined: { ..._combined }, _extendedAttrs: Object.fromEntries(attributes) };
}

const bytesOf = ({ cells, lengths, more }: BufferState): number =>
  cells.byteLength + lengths.length * 5 + more.size * 500 + 1000;
