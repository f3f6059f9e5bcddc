import { ActionIcon, Button, Progress } from '@mantine/core';
import { IconDownload, IconUpload, IconX } from '@tabler/icons-react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeLines, safeText } from '../../ui/safeText.ts';
import { bytesText } from '../run/log/bytesText.ts';
import css from './Files.module.css';
import { nameOf } from './paths.ts';
import { fileTexts } from './texts.ts';
import { isUnderWay, type Transfer, type Transfers } from './transfers.ts';

/** What is on its way to and from a server, and what became of it. */
export function TransferList({ transfers, items }: { transfers: Transfers; items: readonly Transfer[] }) {
  const t = useTexts(fileTexts);
  const last = items.findLast(({ state }) => state === 'done' || state === 'failed');
  const said = last
    ? t(last.state === 'done' ? 'said_done' : 'said_failed', { name: safeText(nameOf(last.path)) })
    : '';
  return (
    <>
      <p className={css.said} role="status">
        {said}
      </p>
      {items.length > 0 && (
        <section className={css.transfers} aria-label={t('transfers')}>
          <div className={css.transfersHead}>
            <span className={css.name}>{t('transfers')}</span>
            <span className={css.push} />
            {items.some((one) => !isUnderWay(one)) && <Button onClick={transfers.clear}>{t('clear')}</Button>}
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list is scrolled by keys as well */}
          <ul tabIndex={0}>
            {items.toReversed().map((one) => (
              <Line key={one.id} one={one} transfers={transfers} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Line({ one, transfers }: { one: Transfer; transfers: Transfers }) {
  const t = useTexts(fileTexts);
  const name = safeText(nameOf(one.path));
  const Icon = one.kind === 'upload' ? IconUpload : IconDownload;
  return (
    <li data-state={one.state}>
      <Icon size={16} stroke={1.5} aria-hidden="true" />
      <span className={css.entryName} title={safeText(one.path)}>
        {name}
      </span>
      {one.state === 'running' && one.size > 0 && (
        <Progress className={css.progress ?? ''} value={(one.done / one.size) * 100} aria-label={name} />
      )}
      <span className={css.muted}>{useStateWords(one)}</span>
      {one.error && one.state === 'failed' && <span className={css.warn}>{safeLines(one.error.message)}</span>}
      {one.state === 'exists' && <Button onClick={() => transfers.replace(one.id)}>{t('replace')}</Button>}
      {isUnderWay(one) && (
        <ActionIcon
          aria-label={t('cancel', { name })}
          title={t('cancel', { name })}
          onClick={() => transfers.cancel(one.id)}
        >
          <IconX size={16} stroke={1.5} />
        </ActionIcon>
      )}
    </li>
  );
}

function useStateWords({ state, done, size, speed }: Transfer): string {
  const t = useTexts(fileTexts);
  if (state !== 'running') return t(state);
  const words = { done: bytesText(done), size: bytesText(size), speed: bytesText(Math.round(speed)) };
  if (size === 0) return t('runningUnknown', words);
  const seconds = speed > 0 ? Math.ceil((size - done) / speed) : 0;
  const left = seconds > 2 ? `, ${t('left', { time: clock(seconds) })}` : '';
  return t('running', words) + left;
}

const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')}`;
