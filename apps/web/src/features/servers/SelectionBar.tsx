import { ActionIcon, Button, Menu } from '@mantine/core';
import { type HostSummary, OmError } from '@omanager/contract';
import { IconDots, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { AssignGroup, MoveGroup, RemoveGroup } from './GroupForms.tsx';
import { RemoveServers } from './RemoveServers.tsx';
import css from './SelectionBar.module.css';
import { countOf, type Selection, selectorOfSelection } from './selection.ts';
import { serverTexts } from './texts.ts';
import type { View } from './view.ts';

interface Props {
  view: View;
  selection: Selection;
  selector: string;
  total: number | null;
  summary: HostSummary | undefined;
  problem: OmError | null;
  onClear: () => void;
  onAll: () => void;
  onRun: (selector: string) => void;
  onProblem: (problem: OmError | null) => void;
  onAdd: () => void;
  onRefresh: () => void;
  onGroupGone: () => void;
}

type Dialog = 'assign' | 'unassign' | 'move' | 'removeGroup' | 'remove';

/** How many there are, how many are chosen, and what can be done with them. */
export function SelectionBar(props: Props) {
  const { view, selection, total, summary, problem, onClear, onAll, onRun, onProblem, onAdd, onRefresh } = props;
  const t = useTexts(serverTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const count = countOf(selection);
  const close = () => setDialog(null);

  function withSelector(use: (selector: string) => void): void {
    const selector = selectorOfSelection(selection);
    if (selector === null) onProblem(new OmError('LIMIT', t('tooManyNames')));
    else use(selector);
  }

  const chosen = dialog === 'assign' || dialog === 'unassign' ? selectorOfSelection(selection) : null;
  return (
    <>
      <div className={`${layout.bar} ${css.bar}`}>
        <h1 className={css.total}>{total === null ? t('title') : t('count', { count: total })}</h1>
        {summary && view.only === null && count === 0 && (
          <span className={css.states}>
            <StateLabelText summary={summary} />
          </span>
        )}
        <span className={css.chosen} aria-live="polite">
          {count > 0 && (selection.kind === 'matching' ? t('allMatching', { count }) : t('selected', { count }))}
        </span>
        {count > 0 && selection.kind === 'names' && total !== null && count < total && (
          <button type="button" className={css.link} onClick={onAll} title={t('selectAllHint', { count: total })}>
            {t('selectAll', { count: total })}
          </button>
        )}
        {count > 0 && (
          <button type="button" className={css.link} onClick={onClear}>
            {t('clear')}
          </button>
        )}
        {may('run.start') && (
          <Button
            leftSection={<IconPlayerPlay size={16} stroke={1.5} aria-hidden="true" />}
            disabled={count === 0}
            onClick={() => withSelector(onRun)}
          >
            {t('runModule')}
          </Button>
        )}
        <ActionIcon aria-label={t('refresh')} title={t('refresh')} onClick={onRefresh}>
          <IconRefresh size={16} stroke={1.5} aria-hidden="true" />
        </ActionIcon>
        <Menu>
          <Menu.Target>
            <ActionIcon aria-label={t('more')} title={t('more')}>
              <IconDots size={16} stroke={1.5} aria-hidden="true" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {may('inventory.write') ? (
              <>
                <Menu.Item onClick={onAdd}>{t('addServer')}</Menu.Item>
                <Menu.Item onClick={() => navigate('/servers/import')}>{t('import')}</Menu.Item>
                <Menu.Divider />
                <Menu.Item disabled={count === 0} onClick={() => withSelector(() => setDialog('assign'))}>
                  {t('assign')}
                </Menu.Item>
                <Menu.Item disabled={count === 0} onClick={() => withSelector(() => setDialog('unassign'))}>
                  {t('unassign')}
                </Menu.Item>
                <Menu.Item disabled={count === 0} color="red" onClick={() => setDialog('remove')}>
                  {t('remove')}
                </Menu.Item>
                <Menu.Divider />
                <Menu.Item disabled={view.group === null} onClick={() => setDialog('move')}>
                  {t('renameCategory')}
                </Menu.Item>
                <Menu.Item disabled={view.group === null} color="red" onClick={() => setDialog('removeGroup')}>
                  {t('removeCategory')}
                </Menu.Item>
                <Menu.Divider />
              </>
            ) : (
              <Menu.Label>{t('locked')}</Menu.Label>
            )}
            <Menu.Item onClick={() => navigate('/servers/zones')}>{t('manageZones')}</Menu.Item>
            <Menu.Item
              disabled={count === 0}
              onClick={() => withSelector((text) => void navigator.clipboard.writeText(text).catch(() => {}))}
            >
              {t('copyNames')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {problem && <ErrorNote error={problem} />}
      {chosen !== null && (
        <AssignGroup
          {...{ selector: chosen, count, member: dialog === 'assign', path: view.group ?? '' }}
          onClose={close}
        />
      )}
      {dialog === 'move' && view.group !== null && (
        <MoveGroup path={view.group} onClose={close} onMoved={props.onGroupGone} />
      )}
      {dialog === 'removeGroup' && view.group !== null && (
        <RemoveGroup path={view.group} onClose={close} onRemoved={props.onGroupGone} />
      )}
      {dialog === 'remove' && <RemoveServers selection={selection} onClose={close} onRemoved={onClear} />}
    </>
  );
}

function StateLabelText({ summary }: { summary: HostSummary }) {
  const t = useTexts(serverTexts);
  const reached = summary.total - summary.unreachable - summary.neverRan;
  return (
    <>
      {reached > 0 && (
        <span className={css.ok}>
          <StateGlyph state="ok" />
          {t('reachable', { count: reached })}
        </span>
      )}
      {summary.unreachable > 0 && <StateLabel state="unreachable" count={summary.unreachable} />}
    </>
  );
}
