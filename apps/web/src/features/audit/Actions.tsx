import { EventTable } from './EventTable.tsx';
import { useEventQuery } from './eventQuery.ts';
import { Filters } from './Filters.tsx';

/** What operators did, newest first, and live, of a filter that stands in the address. */
export function Actions() {
  const { query, text, change, choose } = useEventQuery();
  return (
    <>
      <Filters {...{ query, text }} onChange={change} onChoose={choose} />
      <EventTable key={text} query={query} isFiltered={text !== ''} onChange={change} onClear={() => choose('')} />
    </>
  );
}
