import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { HostState } from '@omanager/contract';
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { type RunStore, unknownState } from '../../../live/runStore.ts';
import { safeText } from '../../../ui/safeText.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { useSlow } from '../parts/slow.ts';
import css from './CellGrid.module.css';
import { CellHeads } from './CellHeads.tsx';
import { cellAt, layOut, placeBeside } from './cellLayout.ts';
import { type Palette, paintCells, readPalette } from './cellPaint.ts';
import { groupsOf } from './groups.ts';
import { HostCard } from './HostCard.tsx';
import { serversTexts } from './texts.ts';

/** Laying out ten thousand cells and painting all of them takes longer than a frame: at most so often. */
const layoutMs = 300;
const arrows = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']);

/** Every server as a cell. A canvas paints what changed; the cell that has the focus is a button over it. */
export function CellGrid({
  store,
  only,
  within,
  selected,
  onSelect,
  onOpen,
}: {
  store: RunStore;
  only: HostState | null;
  /** Just these; default: all. */
  within?: readonly number[];
  selected: ReadonlySet<number>;
  onSelect: (ordinal: number) => void;
  onOpen: (ordinal: number) => void;
}) {
  const t = useTexts(serversTexts);
  const tState = useTexts(uiTexts);
  const scheme = useComputedColorScheme('light');
  const { ref: box, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const focus = useRef<HTMLButtonElement>(null);
  const [active, setActive] = useState(0);
  const [hovered, setHovered] = useState<number | null>(null);
  const { version } = store;
  // Names do not change: the layout does only as servers become known, which thousands do in many steps.
  const known = useSlow(store.known, layoutMs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `known` says whether there are more
  const layout = useMemo(() => {
    const groups = within ? [{ name: '', ordinals: within }] : groupsOf(store.hosts());
    return layOut(groups, store.states.length, Math.max(60, width));
  }, [store, within, known, width]);

  const [theme, setTheme] = useState(0);
  const palette = useRef<Palette | null>(null);
  const painted = useRef<Uint8Array>(new Uint8Array(0));
  // The tokens are those of the new scheme only after its attribute is set, which is after this effect.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `scheme` says that the colours changed
  useEffect(() => {
    const frame = requestAnimationFrame(() => setTheme((count) => count + 1));
    return () => cancelAnimationFrame(frame);
  }, [scheme]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these means painting anew
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const scale = window.devicePixelRatio || 1;
    element.width = Math.ceil(width * scale);
    element.height = Math.ceil(layout.height * scale);
    context.scale(scale, scale);
    palette.current = readPalette(element);
    painted.current = new Uint8Array(layout.order.length).fill(unknownState);
  }, [layout, width, theme, only]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that states changed
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context && palette.current) paintCells(context, layout, store.states, painted.current, palette.current, only);
  }, [layout, width, theme, only, store, version]);

  const ordinal = layout.order[Math.min(active, layout.order.length - 1)];
  const at = (place: number) => ({
    left: (layout.x[place] ?? 0) - 1,
    top: (layout.y[place] ?? 0) - 1,
    width: layout.size + 2,
    height: layout.size + 2,
  });

  const area = useRef<HTMLDivElement>(null);
  const move = (key: string) => {
    const next = placeBeside(layout, active, key);
    setActive(next);
    setHovered(layout.order[next] ?? null);
    return next;
  };
  useKeys(
    {
      ...{ down: () => move('ArrowDown'), up: () => move('ArrowUp'), top: () => move('Home') },
      ...{ bottom: () => move('End'), select: () => ordinal !== undefined && onSelect(ordinal) },
    },
    { within: area },
  );

  function onKeyDown(event: KeyboardEvent): void {
    if (arrows.has(event.key)) {
      event.preventDefault();
      if (event.shiftKey && ordinal !== undefined && !selected.has(ordinal)) onSelect(ordinal);
      const next = move(event.key);
      const toSelect = layout.order[next];
      if (event.shiftKey && toSelect !== undefined && !selected.has(toSelect)) onSelect(toSelect);
    } else if (event.key === ' ' && ordinal !== undefined) {
      event.preventDefault();
      onSelect(ordinal);
    } else if (event.key === 'Escape') setHovered(null);
  }

  const host = ordinal === undefined ? undefined : store.host(ordinal);
  return (
    <div ref={area} className={css.scroll}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what the pointer does here, the button does by keys */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        ref={box}
        className={css.grid}
        style={{ height: layout.height }}
        onPointerMove={(event) => {
          const area = event.currentTarget.getBoundingClientRect();
          setHovered(cellAt(layout, event.clientX - area.left, event.clientY - area.top));
        }}
        onPointerLeave={() => setHovered(null)}
        onClick={(event) => {
          const area = event.currentTarget.getBoundingClientRect();
          const clicked = cellAt(layout, event.clientX - area.left, event.clientY - area.top);
          if (clicked === null || event.target === focus.current) return;
          setActive(layout.placeOf[clicked] ?? 0);
          if (event.ctrlKey || event.metaKey || event.shiftKey) onSelect(clicked);
          else onOpen(clicked);
        }}
      >
        <canvas ref={canvas} className={css.canvas} style={{ width, height: layout.height }} />
        <CellHeads layout={layout} states={store.states} version={version} />
        {[...selected]
          .filter((chosen) => (layout.placeOf[chosen] ?? -1) >= 0)
          .map((chosen) => (
            <i key={chosen} className={css.selected} style={at(layout.placeOf[chosen] ?? 0)} />
          ))}
        {host && (
          <button
            ref={focus}
            type="button"
            className={css.focus}
            style={at(layout.placeOf[host.ordinal] ?? 0)}
            aria-label={`${t('ofServer', { name: safeText(host.name), state: tState(host.state) })}. ${t('grid')}`}
            aria-pressed={selected.has(host.ordinal)}
            onKeyDown={onKeyDown}
            onFocus={() => setHovered(host.ordinal)}
            onBlur={() => setHovered(null)}
            onClick={(event) => {
              event.stopPropagation();
              if (event.ctrlKey || event.metaKey || event.shiftKey) onSelect(host.ordinal);
              else onOpen(host.ordinal);
            }}
          />
        )}
        <HostCard
          host={hovered === null ? undefined : store.host(hovered)}
          at={hovered === null ? null : at(layout.placeOf[hovered] ?? 0)}
          width={width}
        />
      </div>
    </div>
  );
}
