import { ActionIcon } from '@mantine/core';
import type { Run } from '@omanager/contract';
import { IconCopy } from '@tabler/icons-react';
import { Link } from 'wouter';
import { useMay } from '../../../data/session.tsx';
import { useLanguage, useTexts, useTitle } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { safeLines, safeText } from '../../../ui/safeText.ts';
import { clockOf, fullTime } from '../../../ui/Time.tsx';
import { commandTexts } from '../../audit/commands/texts.ts';
import { commandOf } from './command.ts';
import css from './details.module.css';
import { detailTexts } from './texts.ts';

/** What exactly ran, and how to do the same in a terminal. */
export function Details({ run }: { run: Run }) {
  const t = useTexts(detailTexts);
  const titleOf = useTitle();
  const language = useLanguage();
  const may = useMay();
  const tCommands = useTexts(commandTexts);
  const time = (at: string | null) => (at === null ? '–' : fullTime(at, language));
  const params = Object.entries(run.params);
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [
      t('module'),
      <Link key="module" href={`/modules/${run.module.id}`}>
        {safeText(titleOf(run.module.title))} ({run.module.id})
      </Link>,
    ],
    [t('version'), run.module.version],
    [t('selector'), safeText(run.selector)],
    [t('startedBy'), safeText(run.startedBy)],
    [t('reason'), run.reason ? safeText(run.reason) : t('noReason')],
    [t('created'), time(run.createdAt)],
    [t('started'), time(run.startedAt)],
    [t('ended'), time(run.endedAt)],
    [t('attempt'), run.attempt],
    [t('parallel'), run.parallel],
    [t('timeout'), clockOf(run.timeoutMs)],
    [t('waves'), run.waves.map(({ size }) => size).join(' → ')],
    [t('id'), run.id],
    [t('planDigest'), run.digest],
    [t('moduleDigest'), run.module.digest],
  ];
  const commands = [
    [t('again'), commandOf(run)],
    [t('watch'), `om runs watch ${run.number}`],
    [t('retry'), `om runs retry ${run.number}`],
    [t('output'), `om runs output ${run.number}`],
  ] as const;
  return (
    <div className={css.page}>
      <section>
        <h2>{t('run')}</h2>
        <dl className={layout.facts}>
          {facts.map(([name, value]) => (
            <div key={name} className={css.fact}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {may('audit.read') && (
          <p>
            <Link href={`/runs/${run.id}/commands`}>{tCommands('meanwhile')}</Link>
          </p>
        )}
      </section>
      <section>
        <h2>{t('params')}</h2>
        {params.length === 0 ? (
          <p className={layout.muted}>{t('noParams')}</p>
        ) : (
          <>
            <dl className={layout.facts}>
              {params.map(([name, value]) => (
                <div key={name} className={css.fact}>
                  <dt>{safeText(name)}</dt>
                  <dd className={css.code}>
                    {safeLines(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}
                  </dd>
                </div>
              ))}
            </dl>
            <p className={layout.muted}>{t('secretsMasked')}</p>
          </>
        )}
      </section>
      <section>
        <h2>{t('commands')}</h2>
        {commands.map(([name, command]) => (
          <div key={name} className={css.command}>
            <p className={layout.muted}>{name}</p>
            <code>{safeLines(command)}</code>
            <ActionIcon
              aria-label={`${t('copy')}: ${name}`}
              onClick={() => void navigator.clipboard?.writeText(command).catch(() => {})}
            >
              <IconCopy size={16} stroke={1.5} aria-hidden="true" />
            </ActionIcon>
          </div>
        ))}
      </section>
    </div>
  );
}
