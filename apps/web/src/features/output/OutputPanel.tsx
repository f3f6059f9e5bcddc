import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { lazy, type PointerEvent, Suspense, useRef } from 'react';
import { useCommand, useKeys } from '../../app/commands.ts';
import { KeyHint } from '../../app/KeyHint.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { prefer, usePreferences } from '../../preferences/preferences.ts';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { safeText } from '../../ui/safeText.ts';
import { doneOf } from '../inbox/counts.ts';
import { useMyRuns } from '../inbox/MyRuns.tsx';
import { stamp } from './journal.ts';
import css from './OutputPanel.module.css';
import { outputTexts } from './texts.ts';

const JournalView = lazy(() => import('./JournalView.tsx'));
const least = 100;
const step = 20;

/** Below every page: the journal of my runs. Closed it is one line, the newest. */
export function OutputPanel() {
  const t = useTexts(outputTexts);
  const { outputOpen, outputHeight } = usePreferences();
  const toggle = () => prefer({ outputOpen: !outputOpen });
  useCommand('output', toggle);
  // There is nothing else to save or to find in: what was meant is here.
  const open = () => prefer({ outputOpen: true });
  useKeys({ save: open, find: open }, { enabled: !outputOpen, fallback: true });
  const panel = useRef<HTMLElement>(null);
  const Icon = outputOpen ? IconChevronDown : IconChevronUp;
  return (
    <section
      ref={panel}
      className={css.panel}
      data-region="output"
      data-open={outputOpen || undefined}
      aria-label={t('output')}
    >
      {outputOpen && <Splitter />}
      <div className={css.bar}>
        <button type="button" className={css.toggle} aria-expanded={outputOpen} onClick={toggle}>
          <Icon size={14} stroke={1.5} aria-hidden="true" />
          <b>{t('output')}</b>
        </button>
        {!outputOpen && <Newest />}
        {!outputOpen && <KeyHint name="output" />}
        <div className={css.tools} id="output-tools" />
      </div>
      {outputOpen && (
        <div className={css.body} style={{ height: outputHeight }}>
          <Suspense fallback={null}>
            <JournalView panel={panel} />
          </Suspense>
        </div>
      )}
    </section>
  );
}

function Newest() {
  const t = useTexts(outputTexts);
  const title = useTitle();
  const [run] = useMyRuns().runs;
  if (!run) return <span className={css.newest}>{t('noneShort')}</span>;
  return (
    <span className={css.newest}>
      <span>{stamp(run.startedAt ?? run.createdAt).slice(11)}</span> <span>#{run.number}</span>{' '}
      <span>{safeText(title(run.module.title))}</span> <StateLabel state={run.state} />{' '}
      <span>
        {doneOf(run)}/{run.total}
      </span>
    </span>
  );
}

/** By pointer and by arrows. */
function Splitter() {
  const t = useTexts(outputTexts);
  const { outputHeight } = usePreferences();
  const from = useRef<{ y: number; height: number } | null>(null);
  const most = Math.round(window.innerHeight * 0.7);
  const set = (height: number) => prefer({ outputHeight: Math.max(least, Math.min(most, Math.round(height))) });
  const onMove = (event: PointerEvent) => {
    if (from.current) set(from.current.height + from.current.y - event.clientY);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is no line of a text
    <div
      className={css.splitter}
      role="separator"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label={t('resize')}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-valuenow={outputHeight}
      onKeyDown={(event) => {
        const by = { ArrowUp: step, ArrowDown: -step }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        set(outputHeight + by);
      }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { y: event.clientY, height: outputHeight };
      }}
      onPointerMove={onMove}
      onPointerUp={() => {
        from.current = null;
      }}
    />
  );
}
