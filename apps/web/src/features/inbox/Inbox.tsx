import { Button, Popover } from '@mantine/core';
import { IconInbox, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useKeys } from '../../app/commands.ts';
import { withKey } from '../../app/KeyHint.tsx';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { safeText } from '../../ui/safeText.ts';
import { toneOf } from '../../ui/stateTones.ts';
import { Ago } from '../../ui/Time.tsx';
import css from './Inbox.module.css';
import { useMyRuns } from './MyRuns.tsx';
import type { Item } from './needs.ts';
import { inboxTexts } from './texts.ts';
import { useSessionEnd } from './useSessionEnd.ts';

/** What needs this person: behind one button of the top bar, with their number. */
export function Inbox() {
  const t = useTexts(inboxTexts);
  const { inbox, dismiss } = useMyRuns();
  const sessionEnds = useSessionEnd();
  const [opened, setOpened] = useState(false);
  useKeys({ inbox: () => setOpened(!opened) });
  const count = inbox.length + (sessionEnds ? 1 : 0);
  const close = () => setOpened(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" shadow="none" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={css.chip}
          aria-label={t('inboxOf', { count })}
          title={withKey(t('inbox'), 'inbox')}
          onClick={() => setOpened(!opened)}
        >
          <IconInbox size={16} stroke={1.5} aria-hidden="true" />
          <span className={css.word}>{t('inbox')}</span>
          {count > 0 && <b className={css.count}>{count}</b>}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <div className={css.head}>
          <h2>{t('needsYou')}</h2>
          {inbox.length > 0 && (
            <Button size="compact-sm" variant="subtle" onClick={() => dismiss(inbox.map(({ key }) => key))}>
              {t('dismissAll')}
            </Button>
          )}
        </div>
        {count === 0 && <p className={css.none}>{t('nothing')}</p>}
        {sessionEnds && <p className={css.none}>{t('sessionEnds', { minutes: sessionEnds })}</p>}
        <ul className={css.list}>
          {inbox.slice(0, 50).map((item) => (
            <Entry key={item.key} item={item} onGo={close} onDismiss={() => dismiss([item.key])} />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

function Entry({ item: { run, need }, onGo, onDismiss }: { item: Item; onGo: () => void; onDismiss: () => void }) {
  const t = useTexts(inboxTexts);
  const title = useTitle();
  const name = safeText(title(run.module.title));
  return (
    <li className={`${css.item} ${css.entry}`}>
      <Link href={`/runs/${run.id}`} className={css.row} onClick={onGo}>
        <span className={css.glyph} data-tone={toneOf(need === 'lost' ? 'lost' : run.state)}>
          <StateGlyph state={need === 'lost' ? 'lost' : run.state} />
        </span>
        <span className={css.words}>
          <span className={css.title}>
            <span className={css.number}>#{run.number}</span> {name}
          </span>
          <span className={css.why}>
            {t(need, { ok: run.counts.ok, total: run.total, count: run.counts.lost })} ·{' '}
            <Ago at={run.endedAt ?? run.createdAt} />
          </span>
        </span>
      </Link>
      <button
        type="button"
        className={css.dismiss}
        aria-label={t('dismiss', { title: `#${run.number}` })}
        onClick={onDismiss}
      >
        <IconX size={14} stroke={1.5} aria-hidden="true" />
      </button>
    </li>
  );
}
