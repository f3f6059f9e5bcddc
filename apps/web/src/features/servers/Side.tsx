import { ActionIcon } from '@mantine/core';
import { IconPlus, IconServerOff } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { AddGroup } from './GroupForms.tsx';
import { ServerTree } from './ServerTree.tsx';
import css from './Side.module.css';
import { serverTexts } from './texts.ts';
import { useGroups } from './useGroups.ts';
import type { View } from './view.ts';

interface Props {
  view: View;
  onPick: (change: Partial<View>) => void;
}

/** The tree of servers, the zones, and how many are in no category. */
export function Side({ view, onPick }: Props) {
  const t = useTexts(serverTexts);
  const may = useMay();
  const tree = useAnswer('hosts.tree', {});
  const zones = useAnswer('zones.list', {});
  const groups = useGroups();
  const [adding, setAdding] = useState(false);
  return (
    <>
      <div className={layout.bar}>
        <h2>{t('categories')}</h2>
        {may('inventory.write') && (
          <ActionIcon
            className={layout.push}
            aria-label={t('addCategory')}
            title={t('addCategory')}
            onClick={() => setAdding(true)}
          >
            <IconPlus size={16} stroke={1.5} aria-hidden="true" />
          </ActionIcon>
        )}
      </div>
      <div className={layout.scroll}>
        {tree.error && <ErrorNote error={tree.error} onRetry={() => void tree.refetch()} />}
        {tree.data && (
          <ServerTree
            {...{ tree: tree.data, groups, environment: view.environment, group: view.group }}
            onPick={(environment, group) => onPick({ environment, group })}
          />
        )}
        <div className={css.section}>
          <h3 className={css.head}>
            {t('zones')}
            <Link className={css.link} href="/servers/zones">
              {t('manageZones')}
            </Link>
          </h3>
          {zones.data?.items.map((zone) => (
            <button
              key={zone.id}
              type="button"
              className={css.zone}
              aria-pressed={view.zone === zone.name}
              title={safeText(zone.title)}
              onClick={() => onPick({ zone: view.zone === zone.name ? null : zone.name })}
            >
              <span className={layout.mono}>{safeText(zone.name)}</span>
              <span className={css.route}>
                {zone.reach === 'worker'
                  ? t('byWorker')
                  : zone.jumpHosts.length === 0
                    ? t('direct')
                    : t('via', { hosts: safeText(zone.jumpHosts.join(' → ')) })}
              </span>
              <span className={css.count}>{zone.hosts.toLocaleString()}</span>
            </button>
          ))}
        </div>
      </div>
      {tree.data && tree.data.ungrouped > 0 && (
        <button
          type="button"
          className={css.foot}
          aria-pressed={view.only === 'ungrouped'}
          onClick={() =>
            onPick({ only: view.only === 'ungrouped' ? null : 'ungrouped', environment: null, group: null })
          }
        >
          <IconServerOff size={16} stroke={1.5} aria-hidden="true" />
          <span className={layout.cut}>{t('ungrouped', { count: tree.data.ungrouped })}</span>
        </button>
      )}
      {adding && <AddGroup above={view.group} onClose={() => setAdding(false)} />}
    </>
  );
}
