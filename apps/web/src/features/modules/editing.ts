/** A text with where its selection stands afterwards. */
export interface Edited {
  text: string;
  from: number;
  to: number;
}

const step = '  ';

/** The offset of a line and column, both from 1; the end of the line, or of the text, when it has no such place. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + column - 1, end < 0 ? text.length : end);
}

/** A new line that begins where this one does, a step further in after what opens a block. */
export function onNewLine(text: string, from: number, to: number): Edited {
  const before = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
  const indent = /^[ \t]*/.exec(before)?.[0] ?? '';
  const inserted = `\n${indent}${/[:|>]\s*$/.test(before) ? step : ''}`;
  const at = from + inserted.length;
  return { text: text.slice(0, from) + inserted + text.slice(to), from: at, to: at };
}

/** The selected lines a step further in, or out. */
export function indented(text: string, from: number, to: number, further: boolean): Edited {
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const endOfLine = text.indexOf('\n', Math.max(start, to > from ? to - 1 : to));
  const end = endOfLine < 0 ? text.length : endOfLine;
  const lines = text.slice(start, end).split('\n');
  const moved = lines.map((line) => (further ? (line === '' ? line : step + line) : line.replace(/^ {1,2}/, '')));
  const first = (moved[0]?.length ?? 0) - (lines[0]?.length ?? 0);
  const all = moved.join('\n');
  return {
    text: text.slice(0, start) + all + text.slice(end),
    from: Math.max(start, from + first),
    to: Math.max(start, to + all.length - (end - start)),
  };
}
