import { type KeyboardEvent, useState } from 'react';
import { nothing, type Selection, toggle } from './selection.ts';
import type { ServerRows } from './useServerRows.ts';

interface Options {
  rows: ServerRows;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  onAll: () => void;
  onOpen: (name: string, row: number) => void;
  /** Adds the rows from the anchor to here. */
  onRange: (from: number, to: number) => void;
}

/** Moving and choosing by keyboard: one row is the active one, and the table keeps the focus. */
export function useTableKeys({ rows, selection, onSelection, onAll, onOpen, onRange }: Options) {
  const [active, setActive] = useState(0);
  const last = Math.max(0, rows.total - 1);

  function move(to: number, extending: boolean): void {
    const row = Math.min(last, Math.max(0, to));
    setActive(row);
    rows.virtual.scrollToIndex(row);
    if (extending) onRange(selection.kind === 'names' && selection.anchor !== null ? selection.anchor : active, row);
  }

  function onKeyDown(event: KeyboardEvent): void {
    // Keys of an input method, and of controls within the table, are theirs.
    if (event.nativeEvent.isComposing || event.target !== event.currentTarget) return;
    const page = Math.max(1, rows.inSight - 2);
    const command = event.ctrlKey || event.metaKey;
    const steps: Record<string, () => void> = {
      ArrowDown: () => move(active + 1, event.shiftKey),
      ArrowUp: () => move(active - 1, event.shiftKey),
      PageDown: () => move(active + page, event.shiftKey),
      PageUp: () => move(active - page, event.shiftKey),
      Home: () => move(0, event.shiftKey),
      End: () => move(last, event.shiftKey),
      Enter: () => {
        const row = rows.rowAt(active);
        if (row) onOpen(row.name, active);
      },
      ' ': () => {
        const row = rows.rowAt(active);
        if (row) onSelection(toggle(selection, row.name, active));
      },
      Escape: () => onSelection(nothing),
    };
    const plain = !command && !event.altKey;
    const letters: Record<string, string> = { j: 'ArrowDown', k: 'ArrowUp', x: ' ' };
    const step =
      command && event.key.toLowerCase() === 'a' ? onAll : plain ? steps[letters[event.key] ?? event.key] : undefined;
    if (!step) return;
    event.preventDefault();
    step();
  }

  return { active: Math.min(active, last), setActive, onKeyDown };
}
