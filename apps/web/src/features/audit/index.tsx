import { useState } from 'react';
import { useTab } from '../../app/tabs.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { EventTable } from './EventTable.tsx';
import { type Filter, Filters } from './Filters.tsx';
import { auditTexts } from './texts.ts';

/** What operators did, newest first, and live. */
export default function Page() {
  const t = useTexts(auditTexts);
  const [filter, setFilter] = useState<Filter>({});
  useTab('/audit', t('title'));
  return (
    <div className={`${layout.column} ${layout.grow}`}>
      <Filters filter={filter} onChange={setFilter} />
      <EventTable key={JSON.stringify(filter)} filter={filter} onFilter={setFilter} />
    </div>
  );
}
