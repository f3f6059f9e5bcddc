import { Button, Menu } from '@mantine/core';
import { hostStates, type Run } from '@omanager/contract';
import { IconCheck, IconShare } from '@tabler/icons-react';
import { useState } from 'react';
import { useTexts, useTitle } from '../../../i18n/useTexts.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { runTexts } from '../texts.ts';
import css from './Controls.module.css';
import { doneCount } from './steering.ts';
import { steerTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** What is handed on to others: the address of what is shown, or the counts in a few lines. */
export function ShareMenu({ run }: { run: Run }) {
  const t = useTexts(steerTexts);
  const tRun = useTexts(runTexts);
  const tUi = useTexts(uiTexts);
  const titleOf = useTitle();
  const [copied, setCopied] = useState(false);
  const copy = (text: string) => {
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  const summary = () =>
    [
      `**${tRun('title', { number: run.number, title: titleOf(run.module.title) })}**: ${tUi(run.state)}`,
      tRun('finished', { done: doneCount(run.counts), total: run.total }),
      ...hostStates.filter((state) => run.counts[state] > 0).map((state) => `- ${tUi(state)}: ${run.counts[state]}`),
      location.href,
    ].join('\n');
  return (
    <Menu onOpen={() => setCopied(false)}>
      <Menu.Target>
        <Button
          variant="subtle"
          className={css.share ?? ''}
          leftSection={copied ? <IconCheck {...icon} /> : <IconShare {...icon} />}
        >
          {copied ? tUi('copied') : t('share')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => copy(location.href)}>{t('copyLink')}</Menu.Item>
        <Menu.Item onClick={() => copy(summary())}>{t('copySummary')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
