import { Button, Menu } from '@mantine/core';
import type { ModuleDetail } from '@omanager/contract';
import { IconChevronDown, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './Detail.module.css';
import { copyText, startFrom } from './drafts.ts';
import { composerPath, editorPath } from './links.ts';
import { Retire } from './Retire.tsx';
import { moduleTexts } from './texts.ts';

const icon = { size: 14, stroke: 1.5, 'aria-hidden': true } as const;

/** What can be done with a module: run it, and for who may write modules, change it. */
export function DetailActions({ module }: { module: ModuleDetail }) {
  const t = useTexts(moduleTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<'retire' | 'restore' | null>(null);
  const { id, manifest, retired, source } = module;
  const mine = source === 'ui';
  return (
    <div className={css.actions}>
      {may('module.write') && (
        <Menu>
          <Menu.Target>
            <Button rightSection={<IconChevronDown {...icon} />}>{t('more')}</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {mine && !retired && <Menu.Item onClick={() => navigate(editorPath(id))}>{t('edit')}</Menu.Item>}
            <Menu.Item
              onClick={() => {
                startFrom(null, copyText(manifest, id), null);
                navigate('/modules/_new');
              }}
            >
              {t('copyAsNew')}
            </Menu.Item>
            {mine && (
              <Menu.Item
                {...(retired ? {} : { color: 'red' })}
                onClick={() => setAsked(retired ? 'restore' : 'retire')}
              >
                {t(retired ? 'restore' : 'retire')}…
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {!retired && may('run.start') && (
        <Button
          variant="filled"
          leftSection={<IconPlayerPlay {...icon} />}
          onClick={() => navigate(composerPath({ module: id }))}
        >
          {t('runModule')}
        </Button>
      )}
      {asked && <Retire id={id} what={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}
