import type { Diff, SearchHit } from '@omanager/contract';
import { servers } from '../io/format.ts';
import { bold, dim, green, outputLine, red, type Text, yellow } from '../io/text.ts';

interface HitOptions {
  /** Lines are counted in one stream only. */
  oneStream: boolean;
  /** Name the attempt: hits of earlier ones come too. */
  attempts: boolean;
}

/** `web-01:12: text`, with `!` for the second colon where the line is of standard error. */
export function hitLine(hit: SearchHit, { oneStream, attempts }: HitOptions): Text {
  const { name, attempt, stream, line, lineOfBoth } = hit;
  const place = `${attempts ? `#${attempt}` : ''}:${oneStream ? line : lineOfBoth}`;
  const mark = stream === 'stderr' ? yellow('! ') : ': ';
  return [bold(name), dim(place), mark, hit.textFrom > 0 ? dim('… ') : '', ...highlighted(hit)];
}

/** The text with its matches marked. They are counted in bytes; where these cut a character, nothing is marked. */
function highlighted({ text, textFrom, matches }: SearchHit): Text[] {
  const bytes = Buffer.from(text);
  const isBorder = (at: number): boolean => at >= 0 && at <= bytes.length && ((bytes[at] ?? 0) & 0xc0) !== 0x80;
  const parts: Text[] = [];
  let done = 0;
  for (const [from, to] of matches) {
    const [begin, end] = [from - textFrom, Math.min(to - textFrom, bytes.length)];
    if (begin < done || end <= begin || !isBorder(begin) || !isBorder(end)) continue;
    parts.push(outputLine(bytes.toString('utf8', done, begin)), red(outputLine(bytes.toString('utf8', begin, end))));
    done = end;
  }
  return [...parts, outputLine(bytes.toString('utf8', done))];
}

/** The differences of two outputs, as diff -u shows them. */
export function diffLines({ left, right, equal, hunks, cut }: Diff): Text[] {
  const same = (count: number): string => (count > 1 ? ` and ${servers(count - 1)} like it` : '');
  const head: Text[] = [
    [red('--- '), bold(left.name), same(left.count)],
    [green('+++ '), bold(right.name), same(right.count)],
  ];
  if (equal) return [...head, 'They are equal.', ...cutLines(cut)];
  const body = hunks.flatMap(({ stream, leftLine, rightLine, lines }): Text[] => [
    dim(`@@ ${stream}, line ${leftLine}${rightLine === leftLine ? '' : ` and ${rightLine}`} @@`),
    ...lines.map(({ kind, text }): Text => {
      if (kind === 'both') return ['  ', outputLine(text)];
      return kind === 'left' ? red('- ', outputLine(text)) : green('+ ', outputLine(text));
    }),
  ]);
  return [...head, ...body, ...cutLines(cut)];
}

function cutLines(cut: Diff['cut']): Text[] {
  const said = [
    cut.input ? 'only the beginning of these outputs was compared' : '',
    cut.hunks ? 'there are more differences than shown' : '',
    cut.lines ? 'some lines are longer than shown' : '',
    cut.detail ? 'they differ too much for a line by line answer' : '',
  ].filter(Boolean);
  return said.map((text) => yellow(`… ${text}`));
}
