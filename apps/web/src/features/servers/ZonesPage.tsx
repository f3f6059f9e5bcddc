import { Button } from '@mantine/core';
import type { Zone } from '@omanager/contract';
import { useState } from 'react';
import { Link } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { useAnswer, useChange } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { editTexts } from './editTexts.ts';
import { serverTexts } from './texts.ts';
import { afterChange } from './useGroups.ts';
import { ZoneForm } from './ZoneForm.tsx';
import css from './ZonesPage.module.css';

/** How servers are reached: as many zones as there are sites. */
export function ZonesPage() {
  const t = useTexts(serverTexts);
  const e = useTexts(editTexts);
  const may = useMay();
  useTab('/servers/zones', titleOf(editTexts, 'zonesTitle'));
  const zones = useAnswer('zones.list', {});
  const [edited, setEdited] = useState<Zone | 'new' | null>(null);
  const [gone, setGone] = useState<Zone | null>(null);
  return (
    <div className={`${layout.column} ${layout.grow}`}>
      <div className={layout.bar}>
        <h1>{e('zonesTitle')}</h1>
        <Link href="/servers">{t('backToServers')}</Link>
        <span className={layout.push} />
        {may('inventory.write') && <Button onClick={() => setEdited('new')}>{e('addZone')}</Button>}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard too */}
      <section className={layout.scroll} aria-label={e('zonesTitle')} tabIndex={0}>
        {zones.error && <ErrorNote error={zones.error} onRetry={() => void zones.refetch()} />}
        <table className={css.table}>
          <thead>
            <tr>
              <th>{t('zone')}</th>
              <th>{e('zoneTitle')}</th>
              <th>{e('reach')}</th>
              <th>{e('policy')}</th>
              <th>{e('parallel')}</th>
              <th>{t('title')}</th>
              <th>{t('more')}</th>
            </tr>
          </thead>
          <tbody>
            {zones.data?.items.map((zone) => (
              <tr key={zone.id}>
                <td>
                  <Link className={layout.mono} href={`/servers?zone=${encodeURIComponent(zone.name)}`}>
                    {safeText(zone.name)}
                  </Link>
                </td>
                <td>{safeText(zone.title)}</td>
                <td data-label={e('reach')}>
                  {zone.reach === 'worker'
                    ? e('reachWorker')
                    : zone.jumpHosts.length === 0
                      ? t('direct')
                      : t('via', { hosts: safeText(zone.jumpHosts.join(' → ')) })}
                </td>
                <td data-label={e('policy')}>{e(zone.hostKeyPolicy === 'ask' ? 'policyAsk' : 'policyAccept')}</td>
                <td data-label={e('parallel')}>{zone.parallel ?? e('noLimit')}</td>
                <td data-label={t('title')}>{zone.hosts.toLocaleString()}</td>
                <td className={css.actions}>
                  {may('inventory.write') && (
                    <>
                      <Button size="xs" onClick={() => setEdited(zone)}>
                        {t('edit')}
                      </Button>
                      {zone.hosts === 0 && zone.name !== 'default' && (
                        <Button size="xs" variant="subtle" color="red" onClick={() => setGone(zone)}>
                          {t('remove')}
                        </Button>
                      )}
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {edited !== null && <ZoneForm zone={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {gone !== null && <RemoveZone zone={gone} onClose={() => setGone(null)} />}
    </div>
  );
}

function RemoveZone({ zone: { name }, onClose }: { zone: Zone; onClose: () => void }) {
  const e = useTexts(editTexts);
  const remove = useChange('zones.remove', { refresh: afterChange });
  const title = e('removeZone', { name: safeText(name) });
  return (
    <FormDialog
      danger
      title={title}
      submit={title}
      busy={remove.isPending}
      error={remove.error}
      onSubmit={() => remove.mutate({ name }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{e('removeZoneWhy')}</p>
    </FormDialog>
  );
}
