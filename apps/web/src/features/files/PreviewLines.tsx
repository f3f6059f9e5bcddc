import { safeText } from '../../ui/safeText.ts';
import { useFixedRows } from '../../ui/useFixedRows.ts';
import css from './Files.module.css';

/** As the stylesheet has it. */
const lineHeight = 18;
/** Nobody reads on in a line that is longer, and drawing it takes long. */
const longest = 5000;

/** The lines of a text, of which only those in sight exist. */
export function PreviewLines({ label, lines }: { label: string; lines: readonly string[] }) {
  const { scroller, items, virtual } = useFixedRows(lines.length, lineHeight);
  const width = `${String(lines.length).length}ch`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: what scrolls is a <div> everywhere
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long file is scrolled by keys as well
    <div ref={scroller} className={css.text} role="region" aria-label={label} tabIndex={0}>
      <div className={css.lines} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const line = lines[index] ?? '';
          return (
            <div key={index} className={css.line} style={{ top: start }}>
              <span aria-hidden="true" style={{ width }}>
                {index + 1}
              </span>
              {safeText(line.length > longest ? `${line.slice(0, longest)}…` : line)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
