import { Button, Drawer } from '@mantine/core';
import type { CommandEvent } from '@omanager/contract';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { type ReactNode, useRef, useState } from 'react';
import { useSession } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { VirtualTable } from '../../../ui/VirtualTable.tsx';
import audit from '../Audit.module.css';
import { ExportAs } from '../ExportMenu.tsx';
import { gathered, mostExported } from '../exportEvents.ts';
import { mostLive } from '../tail.ts';
import { auditTexts } from '../texts.ts';
import { CommandDetails } from './CommandDetails.tsx';
import css from './Commands.module.css';
import { isCommand, useCommandColumns } from './commandColumns.tsx';
import type { CommandQuery } from './commandQuery.ts';
import { Gap } from './Gap.tsx';
import { commandTexts } from './texts.ts';
import { useCommands } from './useCommands.ts';

interface Props {
  query: CommandQuery;
  isFiltered: boolean;
  onQuery: (query: CommandQuery) => void;
  onClear: () => void;
  /** Instead of the title of the page. */
  heading?: ReactNode;
  /** What is said when nothing was recorded at all. */
  none?: { title: string; why: string };
}

/** The commands of one query: another query is another table. */
export function CommandTable({ query, isFiltered, onQuery, onClear, heading, none }: Props) {
  const t = useTexts(commandTexts);
  const { client } = useSession();
  const columns = useCommandColumns();
  const list = useRef<HTMLDivElement>(null);
  const [byHand, setByHand] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const [open, setOpen] = useState<CommandEvent | null>(null);
  // Who reads further down, or one command, is not pushed away from it.
  const held = byHand || scrolled || open !== null;
  const { filter, pages, tail, stream, skipped, moreMissing, missingError } = useCommands(query, held);
  const resume = () => {
    setByHand(false);
    setScrolled(false);
    setOpen(null);
    list.current?.firstElementChild?.scrollTo({ top: 0 });
  };
  return (
    <>
      <div className={`${layout.bar} ${audit.liveBar}`}>
        {heading ?? <h1>{t('title')}</h1>}
        <span className={layout.push} />
        <ExportAs
          name="commands"
          gather={(options) =>
            gathered(
              client.stream(
                'commands.export',
                { ...filter, format: options.format, limit: mostExported },
                { signal: options.signal },
              ),
              'commands',
              options,
            )
          }
        />
        {query.to === null && pages.error === null && (
          <LiveState
            {...{ held, stream }}
            waiting={tail.waiting.length}
            onPause={() => setByHand(true)}
            onResume={resume}
            onAgain={pages.again}
          />
        )}
      </div>
      {skipped > 0 && (
        <p className={css.notice} role="status">
          {t('skipped', { count: skipped })}
          <Button size="compact-sm" onClick={pages.again}>
            {t('refresh')}
          </Button>
        </p>
      )}
      {moreMissing && <p className={css.notice}>{t('moreMissing')}</p>}
      {missingError && pages.error === null && (
        <p className={css.notice} role="alert">
          {t('missingUnknown')} {safeText(missingError.message)} ({missingError.code})
        </p>
      )}
      <div ref={list} className={css.list}>
        <VirtualTable
          label={t('title')}
          columns={columns}
          pages={pages}
          idOf={({ id }) => id}
          selected={open?.id ?? null}
          onOpen={setOpen}
          onScrolled={setScrolled}
          whole={(event) => (isCommand(event) ? null : <Gap event={event} />)}
          empty={
            <EmptyState
              title={none?.title ?? t('none')}
              action={isFiltered && <Button onClick={onClear}>{t('clear')}</Button>}
            >
              {isFiltered ? t('noneFiltered') : (none?.why ?? t('noneWhy'))}
            </EmptyState>
          }
        />
      </div>
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="min(560px, 100vw)"
        title={open && t(`kind_${open.kind}`)}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {open && (
          <CommandDetails
            event={open}
            onQuery={onQuery}
            onErased={() => {
              setOpen(null);
              pages.again();
            }}
          />
        )}
      </Drawer>
    </>
  );
}

interface LiveProps extends Pick<ReturnType<typeof useCommands>, 'stream'> {
  held: boolean;
  waiting: number;
  onPause: () => void;
  onResume: () => void;
  onAgain: () => void;
}

/** Whether what comes is shown, and how much waits. */
function LiveState({ held, stream, waiting, onPause, onResume, onAgain }: LiveProps) {
  const t = useTexts(auditTexts);
  if (stream.kind !== 'live')
    return (
      <>
        <span className={audit.paused} role="status">
          {stream.kind === 'failed' ? safeText(stream.error.message) : t('over')}
        </span>
        <Button onClick={onAgain}>{t('refresh')}</Button>
      </>
    );
  if (held)
    return (
      <>
        <span className={audit.paused} role="status">
          <IconPlayerPause size={16} stroke={1.5} aria-hidden="true" />
          {t(waiting < mostLive ? 'paused' : 'pausedMany', { count: waiting })}
        </span>
        <Button leftSection={<IconPlayerPlay size={16} stroke={1.5} aria-hidden="true" />} onClick={onResume}>
          {t('resume')}
        </Button>
      </>
    );
  return (
    <>
      <span className={audit.live}>
        <i aria-hidden="true" />
        {t('live')}
      </span>
      <Button leftSection={<IconPlayerPause size={16} stroke={1.5} aria-hidden="true" />} onClick={onPause}>
        {t('pause')}
      </Button>
    </>
  );
}
