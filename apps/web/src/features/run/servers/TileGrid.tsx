import { Button } from '@mantine/core';
import type { HostState } from '@omanager/contract';
import { IconChevronLeft } from '@tabler/icons-react';
import { type ComponentProps, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { FractionBar } from '../../../ui/FractionBar.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { notOkCount } from '../header/steering.ts';
import { useSlow } from '../parts/slow.ts';
import { CellGrid } from './CellGrid.tsx';
import { groupsOf } from './groups.ts';
import css from './TileGrid.module.css';
import { serversTexts } from './texts.ts';
import { countsIn, type Tile, tilesOf } from './tiles.ts';

/** Counting ten thousand states is quick, and drawing what came of it is not needed more often than people can read. */
const everyMs = 250;
const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Very many servers: a tile with a bar for each group, and the cells of the one that is opened. */
export function TileGrid(props: Omit<ComponentProps<typeof CellGrid>, 'within'>) {
  const { store, only } = props;
  const t = useTexts(serversTexts);
  const known = useSlow(store.known, everyMs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `known` says whether there are more
  const tiles = useMemo(() => tilesOf(groupsOf(store.hosts())), [store, known]);
  const [opened, setOpened] = useState<number | null>(null);
  const [left, setLeft] = useState<number | null>(null);
  const area = useRef<HTMLDivElement>(null);
  const back = useRef<HTMLButtonElement>(null);
  const leave = () => {
    setLeft(opened);
    setOpened(null);
  };
  useKeys({ back: leave }, { enabled: opened !== null, within: area });
  useEffect(() => {
    if (opened !== null) back.current?.focus();
  }, [opened]);
  const tile = opened === null ? undefined : tiles[opened];
  if (!tile) return <Tiles {...{ store, only, tiles, left }} onOpen={setOpened} />;
  return (
    <div ref={area} className={css.zoomed}>
      <div className={css.bar}>
        <Button
          ref={back}
          size="xs"
          title={withKey(t('allGroups'), 'back')}
          leftSection={<IconChevronLeft size={16} stroke={1.5} aria-hidden="true" />}
          onClick={leave}
        >
          {t('allGroups')}
        </Button>
        <span className={css.name}>{nameOf(store, tile)}</span>
      </div>
      <CellGrid {...props} within={tile.ordinals} />
    </div>
  );
}

function Tiles({
  store,
  only,
  tiles,
  left,
  onOpen,
}: {
  store: RunStore;
  only: HostState | null;
  tiles: readonly Tile[];
  /** Which one was open before: there the focus comes back to. */
  left: number | null;
  onOpen: (at: number) => void;
}) {
  const t = useTexts(serversTexts);
  const [active, setActive] = useState(left ?? 0);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (left !== null) list.current?.querySelectorAll('button')[left]?.focus();
  }, [left]);
  const version = useSlow(store.version, everyMs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that states changed
  const counts = useMemo(() => tiles.map(({ ordinals }) => countsIn(store.states, ordinals)), [tiles, store, version]);
  const go = (to: number) => {
    const next = Math.max(0, Math.min(to, tiles.length - 1));
    setActive(next);
    list.current?.querySelectorAll('button')[next]?.focus();
  };
  useKeys(
    { down: () => go(active + 1), up: () => go(active - 1), top: () => go(0), bottom: () => go(tiles.length - 1) },
    { within: list },
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step === undefined && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    go(step === undefined ? (event.key === 'Home' ? 0 : tiles.length - 1) : active + step);
  };
  return (
    <ul ref={list} className={css.tiles} aria-label={t('groups')}>
      {tiles.map((tile, at) => {
        const inStates = counts[at];
        if (!inStates) return null;
        const bad = notOkCount(inStates);
        const name = nameOf(store, tile);
        return (
          <li key={tile.ordinals[0]}>
            <button
              type="button"
              className={css.tile}
              data-bad={bad > 0 || undefined}
              data-dim={(only !== null && inStates[only] === 0) || undefined}
              tabIndex={at === active ? 0 : -1}
              onFocus={() => setActive(at)}
              onKeyDown={onKeyDown}
              onClick={() => onOpen(at)}
            >
              <span className={css.name} title={name}>
                {name}
              </span>
              <FractionBar counts={inStates} slim />
              <span className={css.counts}>
                {only === null ? inStates.ok : inStates[only]}/{tile.ordinals.length}
                {bad > 0 && <b>{t('notOk', { count: bad })}</b>}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** `web`, or a part of it: `web-001 … 250`. */
function nameOf(store: RunStore, { group, ends }: Tile): string {
  if (ends === null) return safeText(group);
  const [first = '', last = ''] = ends.map((ordinal) => store.host(ordinal)?.name ?? '');
  return safeText(`${first} … ${group === '' ? last : last.slice(group.length).replace(/^[-_.]/, '')}`);
}
