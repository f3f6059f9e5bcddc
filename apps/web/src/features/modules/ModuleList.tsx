import type { ModuleSummary } from '@omanager/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useRef } from 'react';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { RiskChip } from '../../ui/RiskChip.tsx';
import { rowHeight } from '../../ui/rowHeight.ts';
import { safeText } from '../../ui/safeText.ts';
import css from './Modules.module.css';
import { moduleTexts } from './texts.ts';

interface Props {
  modules: readonly ModuleSummary[];
  selected: string | null;
  onSelect: (id: string) => void;
}

/** Modules by number and name; arrow keys go through them. */
export function ModuleList({ modules, selected, onSelect }: Props) {
  const t = useTexts(moduleTexts);
  const title = useTitle();
  const prefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: modules.length,
    getScrollElement: () => scroller.current,
    estimateSize: rowHeight,
    overscan: 10,
  });
  const at = modules.findIndex(({ id }) => id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);

  function move(event: KeyboardEvent): void {
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0, End: modules.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const module = modules[Math.min(Math.max(to, 0), modules.length - 1)];
    if (module) onSelect(module.id);
  }

  return (
    <div
      ref={scroller}
      className={layout.scroll}
      role="listbox"
      tabIndex={0}
      aria-label={t('list')}
      aria-activedescendant={at >= 0 ? `${prefix}${at}` : undefined}
      onKeyDown={move}
    >
      <div className={css.options} role="presentation" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, size }) => {
          const module = modules[index];
          if (!module) return null;
          const { id, legacyId, source, risk, retired } = module;
          return (
            // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names the active option
            // biome-ignore lint/a11y/useKeyWithClickEvents: the listbox has the keys
            <div
              key={id}
              id={`${prefix}${index}`}
              role="option"
              aria-selected={id === selected}
              aria-setsize={modules.length}
              aria-posinset={index + 1}
              className={css.option}
              style={{ top: start, height: size }}
              title={id}
              onClick={() => onSelect(id)}
            >
              <span className={css.legacy}>{legacyId ?? ''}</span>
              <span className={`${layout.cut} ${retired ? css.gone : ''}`}>{safeText(title(module.title))}</span>
              {source !== 'builtin' && !retired && (
                <span className={`${layout.tag} ${css.origin}`}>{t(source === 'ui' ? 'made' : 'folder')}</span>
              )}
              {retired && <span className={layout.tag}>{t('retiredTag')}</span>}
              <span className={`${css.risk} ${layout.push}`}>
                <RiskChip risk={risk} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
