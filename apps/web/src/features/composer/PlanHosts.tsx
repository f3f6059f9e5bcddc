import { ActionIcon, Button, Modal, TextInput } from '@mantine/core';
import { compressRanges, type Plan } from '@omanager/contract';
import { IconCheck, IconCopy, IconSearch, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { rowHeight } from '../../ui/rowHeight.ts';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { useFixedRows } from '../../ui/useFixedRows.ts';
import type { Selection } from '../servers/selection.ts';
import css from './Composer.module.css';
import { withoutHost } from './chosen.ts';
import { changeDraft } from './draft.ts';
import { composerTexts } from './texts.ts';
import { type PlanHost, usePlanHosts } from './usePlanHosts.ts';

interface Props {
  plan: Plan;
  selection: Selection;
  onClose: () => void;
}

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** The servers of a plan, as frozen: address, user, route, credential. Any of them can be taken out. */
export function PlanHosts({ plan, selection, onClose }: Props) {
  const t = useTexts(composerTexts);
  const tUi = useTexts(uiTexts);
  const { hosts, error, retry } = usePlanHosts(plan);
  const [typed, setTyped] = useState('');
  const [copied, setCopied] = useState(false);
  const found = useMemo(() => hosts.filter((host) => isMeant(host, typed.trim().toLowerCase())), [hosts, typed]);
  return (
    <Modal opened onClose={onClose} title={t('planServers')} size="xl">
      <div className={css.planTools}>
        <TextInput
          {...{ type: 'search', 'data-autofocus': true, value: typed }}
          {...{ 'aria-label': t('searchPlan'), placeholder: t('searchPlan') }}
          className={layout.grow ?? ''}
          leftSection={<IconSearch {...icon} />}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <span aria-live="polite">{tUi('servers', { count: found.length })}</span>
        <Button
          leftSection={copied ? <IconCheck {...icon} /> : <IconCopy {...icon} />}
          onClick={() => {
            navigator.clipboard?.writeText(compressRanges(found.map(({ name }) => name))).then(
              () => setCopied(true),
              () => setCopied(false),
            );
          }}
        >
          {copied ? tUi('copied') : t('copyList')}
        </Button>
      </div>
      {error && <ErrorNote error={error} onRetry={retry} />}
      <Rows
        hosts={found}
        last={plan.total === 1}
        onRemove={(name) => changeDraft({ selection: withoutHost(selection, name) })}
      />
    </Modal>
  );
}

interface RowsProps {
  hosts: readonly PlanHost[];
  /** A run has at least one server. */
  last: boolean;
  onRemove: (name: string) => void;
}

function Rows({ hosts, last, onRemove }: RowsProps) {
  const t = useTexts(composerTexts);
  const rows = useFixedRows(hosts.length, rowHeight());
  return (
    <div ref={rows.scroller} className={css.planScroll}>
      <ul className={css.planHosts} style={{ height: rows.virtual.getTotalSize() }}>
        {rows.items.map(({ index, start, size }) => {
          const host = hosts[index];
          if (!host) return null;
          return (
            <li
              key={host.ordinal}
              style={{ top: start, height: size }}
              aria-setsize={hosts.length}
              aria-posinset={index + 1}
            >
              <b>{safeText(host.name)}</b>
              <span className={layout.cut}>
                {safeText(`${host.user}@${host.address}:${host.port}`)}
                {host.route.length > 0 && ` ← ${safeText(host.route.join(' → '))}`}
              </span>
              <span className={layout.push}>{safeText(host.credential ?? '–')}</span>
              <ActionIcon
                {...{ variant: 'subtle', size: 'sm', disabled: last }}
                {...{ 'aria-label': t('takeOut', { name: safeText(host.name) }), title: t('takeOutWhy') }}
                onClick={() => onRemove(host.name)}
              >
                <IconX size={14} stroke={1.5} aria-hidden="true" />
              </ActionIcon>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const isMeant = ({ name, address, zone, environment }: PlanHost, typed: string): boolean =>
  typed === '' || [name, address, zone, environment].some((text) => text.toLowerCase().includes(typed));
