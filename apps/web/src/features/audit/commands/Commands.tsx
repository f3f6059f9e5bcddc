import { CommandFilters } from './CommandFilters.tsx';
import { CommandTable } from './CommandTable.tsx';
import { useCommandQuery, writeQuery } from './commandQuery.ts';

/** What was typed on servers, newest first, and live, of a filter that stands in the address. */
export default function Commands() {
  const { query, text, change, choose } = useCommandQuery();
  return (
    <>
      <CommandFilters {...{ query, text }} onChange={change} onChoose={choose} />
      <CommandTable
        key={text}
        query={query}
        isFiltered={text !== ''}
        onQuery={(next) => choose(writeQuery(next).toString())}
        onClear={() => choose('')}
      />
    </>
  );
}
