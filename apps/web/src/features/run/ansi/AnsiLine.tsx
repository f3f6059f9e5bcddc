import { safeText } from '../../../ui/safeText.ts';
import css from './AnsiLine.module.css';
import { parseAnsi } from './ansi.ts';

/** A line of output in its colours. Only ever text: no sequence becomes a link or anything else that acts. */
export function AnsiLine({ text }: { text: string }) {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  if (!line.includes('\u001b')) return safeText(line);
  return parseAnsi(line).map((span, i) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line have no other name
      key={i}
      className={css.span}
      data-color={span.color ?? undefined}
      data-bold={span.bold || undefined}
      data-underline={span.underline || undefined}
    >
      {safeText(span.text)}
    </span>
  ));
}
