import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeLines } from '../../ui/safeText.ts';
import { ServerSets } from '../servers/ServerSets.tsx';
import { ServerTree } from '../servers/ServerTree.tsx';
import { countOf, nothing, type Selection } from '../servers/selection.ts';
import { useGroups } from '../servers/useGroups.ts';
import { readQuery, selectorOf } from '../servers/view.ts';
import css from './Composer.module.css';
import { PasteList } from './PasteList.tsx';
import { TargetList } from './TargetList.tsx';
import { composerTexts } from './texts.ts';

interface Props {
  selection: Selection;
  onSelection: (selection: Selection) => void;
}

/** Where it runs: the tree says which part of the servers is listed, the list is where they are chosen. */
export function TargetPicker({ selection, onSelection }: Props) {
  const t = useTexts(composerTexts);
  const tree = useAnswer('hosts.tree', {});
  const groups = useGroups();
  const [place, setPlace] = useState<{ environment: string | null; group: string | null }>({
    environment: null,
    group: null,
  });
  const [typed, setTyped] = useState('');
  const [pasting, setPasting] = useState(false);
  const query = readQuery(typed);
  const selector = query.selector === null ? null : selectorOf({ ...place, zone: null }, query.selector);
  const count = countOf(selection);

  if (tree.data?.total === 0) {
    return (
      <section className={`${layout.column} ${layout.side}`} aria-label={t('targets')}>
        <EmptyState title={t('noServers')} action={<Link href="/servers">{t('toServers')}</Link>}>
          {t('noServersWhy')}
        </EmptyState>
      </section>
    );
  }
  return (
    <section className={`${layout.column} ${layout.side} ${css.targets}`} aria-label={t('targets')}>
      <div className={layout.bar}>
        <h2>{t('targets')}</h2>
      </div>
      <div className={css.tree}>
        {tree.error && <ErrorNote error={tree.error} onRetry={() => void tree.refetch()} />}
        {tree.data && (
          <ServerTree
            {...{ tree: tree.data, groups, ...place }}
            onPick={(environment, group) => setPlace({ environment, group })}
          />
        )}
      </div>
      <div className={`${layout.bar} ${css.second}`}>
        <h2>{t('servers')}</h2>
        <Button variant="subtle" size="compact-sm" className={layout.push ?? ''} onClick={() => setPasting(true)}>
          {t('pasteList')}
        </Button>
      </div>
      <div className={css.search}>
        <ServerSets selection={selection} onUse={onSelection} />
        <TextInput
          type="search"
          aria-label={t('filter')}
          placeholder={t('filter')}
          leftSection={<IconSearch size={16} stroke={1.5} aria-hidden="true" />}
          value={typed}
          error={query.error ? <span className={css.selectorError}>{safeLines(query.error.message)}</span> : false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {selector !== null && <TargetList {...{ selector, selection, onSelection }} />}
      <div className={layout.foot}>
        <b aria-live="polite">{count === 0 ? t('noneSelected') : t('selected', { count })}</b>
        {count > 0 && (
          <Button variant="subtle" size="compact-sm" className={layout.push ?? ''} onClick={() => onSelection(nothing)}>
            {t('clear')}
          </Button>
        )}
      </div>
      {pasting && <PasteList onClose={() => setPasting(false)} onUse={onSelection} />}
    </section>
  );
}
