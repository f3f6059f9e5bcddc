import { type HostRow, isProduction } from '@omanager/contract';
import { memo } from 'react';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { Contact } from './Contact.tsx';
import css from './ServerTable.module.css';
import { serverTexts } from './texts.ts';

interface Props {
  host: HostRow | undefined;
  index: number;
  start: number;
  size: number;
  active: boolean;
  selected: boolean;
  opened: boolean;
}

const labelsShown = 3;

/** Drawn anew only when it says something else: scrolling draws the rows that come, not those that are there. */
export const ServerRow = memo(function ServerRow({ host, index, start, size, active, selected, opened }: Props) {
  const t = useTexts(serverTexts);
  const place = { top: start, height: size };
  if (!host) {
    return (
      // biome-ignore lint/a11y: a row that is still on its way
      <div className={css.row} role="row" aria-rowindex={index + 2} style={place}>
        <span />
        <span className={css.wait} />
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y: the grid has the focus and the keys
    <div
      id={`server-row-${index}`}
      className={css.row}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={active || undefined}
      data-opened={opened || undefined}
      data-production={isProduction(host.environment) || undefined}
      style={place}
      data-index={index}
    >
      {/* biome-ignore lint/a11y: cells of a virtual grid */}
      <span role="gridcell" className={css.check} data-check="">
        <input
          type="checkbox"
          tabIndex={-1}
          checked={selected}
          aria-label={t('select', { name: safeText(host.name) })}
          readOnly
        />
      </span>
      <Cell mono>{safeText(host.name)}</Cell>
      <Cell column="contact">
        <Contact contact={host.contact} />
      </Cell>
      <Cell mono column="address">
        {safeText(host.address)}
        {host.port === 22 ? '' : `:${host.port}`}
      </Cell>
      <Cell mono column="zone">
        {safeText(host.zone)}
      </Cell>
      <Cell column="environment">{safeText(host.environment)}</Cell>
      <Cell column="labels">
        <Labels labels={host.labels} />
      </Cell>
      <Cell>
        <LastRun host={host} />
      </Cell>
    </div>
  );
});

function Cell({ children, mono = false, column }: { children: React.ReactNode; mono?: boolean; column?: string }) {
  return (
    // biome-ignore lint/a11y: cells of a virtual grid
    <span role="gridcell" data-column={column} className={mono ? css.mono : undefined}>
      {children}
    </span>
  );
}

export function Labels({ labels, all = false }: { labels: Readonly<Record<string, string>>; all?: boolean }) {
  const texts = Object.entries(labels).map(([key, value]) => safeText(value === '' ? key : `${key}=${value}`));
  const shown = all ? texts : texts.slice(0, labelsShown);
  return (
    <span className={css.tags} data-all={all || undefined} title={all ? undefined : texts.join('\n')}>
      {shown.map((text) => (
        <span key={text} className={css.tag}>
          {text}
        </span>
      ))}
      {texts.length > shown.length && <span className={css.meta}>+{texts.length - shown.length}</span>}
    </span>
  );
}

export function LastRun({ host: { lastRun } }: { host: HostRow }) {
  const t = useTexts(serverTexts);
  const title = useTitle();
  if (!lastRun) return <span className={css.meta}>{t('never')}</span>;
  return (
    <span className={css.last} title={safeText(title(lastRun.module.title))}>
      <StateLabel state={lastRun.state} />
      <span className={css.number}>#{lastRun.number}</span>
      <span className={css.meta}>
        <Ago at={lastRun.at} />
      </span>
    </span>
  );
}
