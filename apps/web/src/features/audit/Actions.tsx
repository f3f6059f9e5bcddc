import { useState } from 'react';
import { EventTable } from './EventTable.tsx';
import { type Filter, Filters } from './Filters.tsx';

/** What operators did, newest first, and live. */
export function Actions() {
  const [filter, setFilter] = useState<Filter>({});
  return (
    <>
      <Filters filter={filter} onChange={setFilter} />
      <EventTable key={JSON.stringify(filter)} filter={filter} onFilter={setFilter} />
    </>
  );
}
