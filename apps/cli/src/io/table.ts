import pc from 'picocolors';
import { type RenderOptions, render, type Text } from './text.ts';
import { displayWidth } from './width.ts';

const noColors = pc.createColors(false);

/** Rows in columns as wide as their widest cell; the last column is not padded. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly Text[])[],
  options: RenderOptions,
): string[] {
  const plain = { ...options, colors: noColors };
  const cells = [header.map((title): Text => ({ style: 'dim', text: title })), ...rows];
  const widths = header.map((_, column) => {
    return cells.reduce((widest, row) => Math.max(widest, displayWidth(render(row[column] ?? '', plain))), 0);
  });
  return cells.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - displayWidth(render(cell, plain)));
        return render(cell, options) + (column < row.length - 1 ? padding : '');
      })
      .join('  ')
      .trimEnd(),
  );
}
