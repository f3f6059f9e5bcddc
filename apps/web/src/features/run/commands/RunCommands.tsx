import type { Run } from '@omanager/contract';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ToggleChip } from '../../../ui/filters/FilterChip.tsx';
import { CommandTable } from '../../audit/commands/CommandTable.tsx';
import { type CommandQuery, commandsAddress, minutesFrom, noQuery } from '../../audit/commands/commandQuery.ts';
import { commandTexts } from '../../audit/commands/texts.ts';
import css from './RunCommands.module.css';

/** Clocks of servers are not that of OMServer: what says that it belongs to the run may be so many minutes beside it. */
const margin = 5;

/** What was typed on the servers of a run while it went on; while it does, live. */
export default function RunCommands({ run }: { run: Run }) {
  const t = useTexts(commandTexts);
  const [, navigate] = useLocation();
  const [only, setOnly] = useState<'run' | 'outside' | null>(null);
  const { id, createdAt, endedAt } = run;
  const query: CommandQuery = {
    ...noQuery,
    hostsOf: id,
    from: only === 'run' ? minutesFrom(createdAt, -margin) : createdAt,
    to: endedAt === null ? null : only === 'run' ? minutesFrom(endedAt, margin) : endedAt,
    ...(only === 'run' && { run: id }),
    ...(only === 'outside' && { outside: 'yes' }),
  };
  const address = commandsAddress(query);
  const chips = [
    ['outside', 'outside'],
    ['run', 'ofThisRun'],
  ] as const;
  return (
    <section className={css.page} aria-label={t('meanwhile')}>
      <CommandTable
        key={address}
        query={query}
        isFiltered={only !== null}
        onQuery={(chosen) => navigate(commandsAddress(chosen))}
        onClear={() => setOnly(null)}
        none={{ title: t('noneMeanwhile'), why: t('noneMeanwhileWhy') }}
        heading={
          <>
            {chips.map(([value, title]) => (
              <ToggleChip key={value} on={only === value} onClick={() => setOnly(only === value ? null : value)}>
                {t(title)}
              </ToggleChip>
            ))}
            <Link href={address}>{t('openAudit')}</Link>
          </>
        }
      />
    </section>
  );
}
