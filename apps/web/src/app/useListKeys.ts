import { useKeys } from './commands.ts';

const lists = '[role="grid"], [role="listbox"], [role="tree"], [role="treegrid"], [role="table"]';
const fields =
  '#content input[type="search"], #content [role="searchbox"], #content [data-filter], #content input[type="text"]';

/** In every list that hears arrows, letters do the same; `/` goes to the filter of the page. A page may know better. */
export function useListKeys(): void {
  const press = (key: string) => () => {
    const { activeElement } = document;
    if (!activeElement?.closest(lists)) return false;
    return activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })) || null;
  };
  useKeys(
    {
      ...{
        down: press('ArrowDown'),
        up: press('ArrowUp'),
        top: press('Home'),
        bottom: press('End'),
        select: press(' '),
      },
      filter: () => {
        const field = [...document.querySelectorAll<HTMLInputElement>(fields)].find((one) => one.offsetParent !== null);
        field?.focus();
        return field !== undefined;
      },
    },
    { fallback: true },
  );
}
