import type { TimelineItem } from '@omanager/contract';
import { describe, expect, it } from 'vitest';
import type { Place } from '../commands/commandPages.ts';
import { mergeParts, type Placed, partOf } from './merge.ts';

const item = (at: number, id: string): Placed => ({
  ...{ at, id },
  // Only its name is looked at here.
  item: { kind: 'alert', at: id } as TimelineItem,
});
const names = (items: readonly TimelineItem[]) => items.map(({ at }) => at);

describe('a timeline of several sources', () => {
  it('comes in one order, page after page, each once', () => {
    const sources = [
      [item(9, 'i'), item(7, 'g'), item(7, 'f'), item(1, 'a')],
      [item(8, 'h'), item(7, 'f2'), item(3, 'c'), item(2, 'b')],
      [item(7, 'g')],
    ];
    const seen: string[] = [];
    for (let before: Place | null = null, pages = 0; pages < 20; pages++) {
      const place: Place | null = before;
      const parts = sources.map((all) => {
        const older = all.filter(({ at, id }) => !place || at < place.at || (at === place.at && id < place.id));
        return partOf(older.slice(0, 2), 2);
      });
      const page = mergeParts(parts, 2);
      seen.push(...names(page.items));
      before = page.next;
      if (before === null) break;
    }
    expect(seen).toEqual(['i', 'h', 'g', 'f2', 'f', 'c', 'b', 'a']);
  });

  it('waits with what is older than a source was looked through', () => {
    const page = mergeParts([{ items: [], end: { at: 5, id: 'x' } }, partOf([item(9, 'i'), item(4, 'd')], 10)], 10);
    expect(names(page.items)).toEqual(['i']);
    expect(page).toMatchObject({ next: { at: 5, id: 'x' }, searchedTo: 5 });
    expect(mergeParts([partOf([], 10)], 10)).toEqual({ items: [], next: null, searchedTo: null });
  });
});
