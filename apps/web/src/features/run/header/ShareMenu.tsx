import { Button, Menu } from '@mantine/core';
import { hostStates, type Run } from '@omanager/contract';
import { IconShare } from '@tabler/icons-react';
import { useState } from 'react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useTexts, useTitle } from '../../../i18n/useTexts.ts';
import type { RunStore } from '../../../live/runStore.ts';
import { uiTexts } from '../../../ui/texts.ts';
import { SaveState } from '../export/SaveState.tsx';
import { exportTexts } from '../export/texts.ts';
import { exportKinds, useSaveRun } from '../export/useSaveRun.ts';
import { useCopy } from '../parts/Copied.tsx';
import { partTexts } from '../parts/texts.ts';
import { runTexts } from '../texts.ts';
import css from './Controls.module.css';
import { doneCount } from './steering.ts';
import { steerTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** What is handed on to others: the address of what is shown, the counts in a few lines, or a file of all of it. */
export function ShareMenu({ store, run }: { store: RunStore; run: Run }) {
  const t = useTexts(steerTexts);
  const tRun = useTexts(runTexts);
  const tUi = useTexts(uiTexts);
  const titleOf = useTitle();
  const tSave = useTexts(exportTexts);
  const saving = useSaveRun(store, run);
  const [opened, setOpened] = useState(false);
  const copy = useCopy();
  const tPart = useTexts(partTexts);
  const copyLink = () => copy.text(location.href, tPart('linkCopied'));
  useKeys({ save: () => setOpened(true), copyLink });
  const summary = () =>
    [
      `**${tRun('title', { number: run.number, title: titleOf(run.module.title) })}**: ${tUi(run.state)}`,
      tRun('finished', { done: doneCount(run.counts), total: run.total }),
      ...hostStates.filter((state) => run.counts[state] > 0).map((state) => `- ${tUi(state)}: ${run.counts[state]}`),
      location.href,
    ].join('\n');
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" className={css.share ?? ''} leftSection={<IconShare {...icon} />}>
            <span className={css.shareWords}>{t('share')}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown className={css.saved ?? ''}>
          <Menu.Item onClick={copyLink}>{withKey(t('copyLink'), 'copyLink')}</Menu.Item>
          <Menu.Item onClick={() => copy.text(summary(), tPart('summaryCopied'))}>{t('copySummary')}</Menu.Item>
          <Menu.Divider />
          <Menu.Label>{withKey(tSave('saveAs'), 'save')}</Menu.Label>
          {exportKinds.map((kind) => (
            <Menu.Item key={kind} disabled={saving.progress !== null} onClick={() => saving.saveRun(kind)}>
              {tSave(kind)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <SaveState {...{ run, saving }} />
    </>
  );
}
