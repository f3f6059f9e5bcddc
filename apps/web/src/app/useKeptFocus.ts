import { useEffect } from 'react';

const focusable = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]';

/**
 * What has the focus may vanish or be disabled: a page is left, a button does its work. The focus then goes to what is
 * beside where it was, or to the page, and never to nowhere, where no reader and no key finds it again.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = document.activeElement;
    let around: readonly Element[] = [];
    let frame = 0;
    const remember = (event: FocusEvent): void => {
      if (!(event.target instanceof Element)) return;
      last = event.target;
      around = ancestorsOf(last);
    };
    const look = (): void => {
      frame = 0;
      const { activeElement, body } = document;
      if ((activeElement !== null && activeElement !== body) || last === null) return;
      if (last !== body && last.isConnected && !last.matches(':disabled')) return;
      const main = document.getElementById('content');
      const beside = around.find((element) => element.isConnected);
      const next = main?.contains(beside ?? null) && beside !== main ? beside?.querySelector(focusable) : null;
      last = null;
      const target = next instanceof HTMLElement ? next : main;
      target?.focus({ preventScroll: true });
    };
    const soon = (): void => {
      frame ||= requestAnimationFrame(look);
    };
    // Already nowhere: what one signed in with is gone.
    soon();
    document.addEventListener('focusin', remember);
    const changes = new MutationObserver(soon);
    changes.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener('focusin', remember);
      changes.disconnect();
    };
  }, []);
}

function ancestorsOf(element: Element): Element[] {
  const found: Element[] = [];
  for (let at = element.parentElement; at; at = at.parentElement) found.push(at);
  return found;
}
