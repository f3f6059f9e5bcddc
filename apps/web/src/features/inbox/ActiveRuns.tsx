import { Popover } from '@mantine/core';
import type { Run } from '@omanager/contract';
import { useState } from 'react';
import { Link } from 'wouter';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { FractionBar } from '../../ui/FractionBar.tsx';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { safeText } from '../../ui/safeText.ts';
import { doneOf } from './counts.ts';
import css from './Inbox.module.css';
import { useMyRuns } from './MyRuns.tsx';
import { inboxTexts } from './texts.ts';

/** In the top bar: how many of one's runs are under way, and how far they are. */
export function ActiveRuns() {
  const t = useTexts(inboxTexts);
  const { active } = useMyRuns();
  const [opened, setOpened] = useState(false);
  if (active.length === 0) return null;
  const done = active.reduce((sum, run) => sum + doneOf(run), 0);
  const total = active.reduce((sum, run) => sum + run.total, 0);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="none" trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className={css.chip} onClick={() => setOpened(!opened)}>
          <StateGlyph state="running" />
          <span>{t('running', { count: active.length })}</span>
          <span className={css.fraction}>
            {done}/{total}
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <ul className={css.list} aria-label={t('activeRuns')}>
          {active.slice(0, 20).map((run) => (
            <Active key={run.id} run={run} onGo={() => setOpened(false)} />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function Active({ run, onGo }: { run: Run; onGo: () => void }) {
  const title = useTitle();
  return (
    <li className={css.item}>
      <Link href={`/runs/${run.id}`} className={css.row} onClick={onGo}>
        <span className={css.number}>#{run.number}</span>
        <span className={css.title}>{safeText(title(run.module.title))}</span>
        <span className={css.fraction}>
          {doneOf(run)}/{run.total}
        </span>
      </Link>
      <FractionBar counts={run.counts} slim />
    </li>
  );
}
