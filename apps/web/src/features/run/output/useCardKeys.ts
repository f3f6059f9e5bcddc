import type { RefObject } from 'react';
import { useKeys } from '../../../app/commands.ts';

/** Keys among the groups of equal output: from one to the next, what differs, from change to change. */
export function useCardKeys(cards: RefObject<HTMLElement | null>, differs: boolean): void {
  const all = (what: string): HTMLElement[] => [...(cards.current?.querySelectorAll<HTMLElement>(what) ?? [])];
  const at = () => all('article').findIndex((card) => card.contains(document.activeElement));
  const go = (to: number) => {
    const groups = all('article');
    groups[Math.max(0, Math.min(to, groups.length - 1))]?.focus();
  };
  useKeys(
    { down: () => go(at() + 1), up: () => go(at() - 1), top: () => go(0), bottom: () => go(Number.POSITIVE_INFINITY) },
    { within: cards },
  );

  const diff = () => {
    const compared = all('article[data-compared]');
    const toggle = (card: HTMLElement) => card.querySelector<HTMLElement>('button[aria-expanded]');
    const here = all('article')[at()];
    const closed = compared.find((card) => toggle(card)?.ariaExpanded === 'false');
    const card = here ?? closed ?? compared[0];
    card?.focus();
    if (card && (here || closed)) toggle(card)?.click();
    return card !== undefined;
  };
  /** The first change after what has the focus; after the last one the first. */
  const nextChange = () => {
    const changes = all('[data-change]');
    const { activeElement } = document;
    const after = (change: Node) =>
      activeElement === null ||
      (activeElement.compareDocumentPosition(change) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    const next = (cards.current?.contains(activeElement) ? changes.find(after) : undefined) ?? changes[0];
    next?.focus();
    return next !== undefined;
  };
  useKeys({ diff, nextChange }, { enabled: differs });
}
