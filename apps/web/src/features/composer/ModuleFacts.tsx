import { ActionIcon } from '@mantine/core';
import type { ModuleSummary } from '@omanager/contract';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useAnswer } from '../../data/calls.ts';
import { useOwn } from '../../data/ownSettings.ts';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { Ago, clockOf } from '../../ui/Time.tsx';
import css from './Composer.module.css';
import { composerTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;

/** What a module does and how it went before. */
export function ModuleFacts({ module }: { module: ModuleSummary }) {
  const t = useTexts(composerTexts);
  const title = useTitle();
  const usage = useAnswer('modules.usage', { modules: [module.id] });
  const { favourites } = usePreferences();
  const { keep } = useOwn();
  const starred = favourites.includes(module.id);
  const used = usage.data?.items[0];
  return (
    <div className={css.facts}>
      <div className={css.factsHead}>
        <h3 className={layout.cut}>{safeText(title(module.title))}</h3>
        <ActionIcon
          {...{ variant: 'subtle', 'aria-pressed': starred, 'aria-label': t('star'), title: t('star') }}
          onClick={() =>
            keep({ favourites: starred ? favourites.filter((id) => id !== module.id) : [module.id, ...favourites] })
          }
        >
          {starred ? <IconStarFilled size={16} aria-hidden="true" /> : <IconStar {...icon} />}
        </ActionIcon>
      </div>
      <p>{safeText(title(module.description))}</p>
      <dl className={layout.facts}>
        <dt>{t('version')}</dt>
        <dd className={layout.mono}>{module.version}</dd>
        <dt>{t('runAs')}</dt>
        <dd>{module.runAs === null ? t('ownUser') : safeText(module.runAs)}</dd>
        <dt>{t('lastRun')}</dt>
        <dd>{used?.last ? <Ago at={used.last.at} /> : t('never')}</dd>
        {used?.typicalMs != null && (
          <>
            <dt>{t('typical')}</dt>
            <dd>{used.typicalMs < 1000 ? '< 1 s' : clockOf(used.typicalMs)}</dd>
          </>
        )}
      </dl>
    </div>
  );
}
