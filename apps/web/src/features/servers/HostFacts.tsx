import type { HostRow } from '@omanager/contract';
import { Link } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { Contact } from './Contact.tsx';
import css from './HostFacts.module.css';
import { HostKeys } from './HostKeys.tsx';
import { Labels } from './ServerRow.tsx';
import { serverTexts } from './texts.ts';

/** Where a server is and how it is reached. Of its credential only the name is known here. */
export function HostFacts({ host }: { host: HostRow }) {
  const t = useTexts(serverTexts);
  const zone = useAnswer('zones.list', {}).data?.items.find(({ name }) => name === host.zone);
  return (
    <>
      <div className={css.section}>
        <dl className={layout.facts}>
          <dt>{t('address')}</dt>
          <dd className={layout.mono}>
            {safeText(host.address)}:{host.port}
          </dd>
          <dt>{t('reachability')}</dt>
          <dd>
            <Contact contact={host.contact} reason />
          </dd>
          <dt>{t('login')}</dt>
          <dd className={layout.mono}>{safeText(host.user)}</dd>
          <dt>{t('route')}</dt>
          <dd className={layout.mono}>
            {zone?.reach === 'worker' && `${t('byWorker')} · `}
            {zone && zone.jumpHosts.length > 0 ? `${safeText(zone.jumpHosts.join(' → '))} → ` : ''}
            {safeText(host.name)}
          </dd>
          <dt>{t('credential')}</dt>
          <dd className={layout.mono}>{host.credential === null ? t('noCredential') : safeText(host.credential)}</dd>
          <dt>{t('zone')}</dt>
          <dd>{safeText(host.zone)}</dd>
          <dt>{t('environmentLong')}</dt>
          <dd>{safeText(host.environment)}</dd>
          <dt>{t('labels')}</dt>
          <dd>{Object.keys(host.labels).length === 0 ? t('none') : <Labels labels={host.labels} all />}</dd>
          <dt>{t('groups')}</dt>
          <dd>
            {host.groups.length === 0
              ? t('none')
              : host.groups.map((path) => (
                  <Link key={path} className={css.group} href={`/servers?group=${encodeURIComponent(path)}`}>
                    {safeText(path)}
                  </Link>
                ))}
          </dd>
          <dt>{t('added')}</dt>
          <dd>
            <Ago at={host.createdAt} />
          </dd>
        </dl>
      </div>
      <HostKeys name={host.name} />
    </>
  );
}
