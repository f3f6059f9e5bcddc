import { Button } from '@mantine/core';
import type { AlertTarget } from '@omanager/contract';
import { useState } from 'react';
import { asOmError } from '../../../data/calls.ts';
import { usePages } from '../../../data/pages.ts';
import { useMay, useSession } from '../../../data/session.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ChangeButton } from '../../../ui/ChangeButton.tsx';
import { Confirm } from '../../../ui/Confirm.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import layout from '../../../ui/layout.module.css';
import { SeverityChip } from '../../../ui/SeverityChip.tsx';
import { safeText } from '../../../ui/safeText.ts';
import { Ago } from '../../../ui/Time.tsx';
import { type Column, VirtualTable } from '../../../ui/VirtualTable.tsx';
import css from './Alerts.module.css';
import { TargetForm } from './TargetForm.tsx';
import { alertTexts } from './texts.ts';

/** Where alerts are sent to besides this screen, and how the last delivery went. */
export function Targets() {
  const t = useTexts(alertTexts);
  const { client } = useSession();
  const mayChange = useMay()('audit.rules');
  const [edited, setEdited] = useState<AlertTarget | 'new' | null>(null);
  const [gone, setGone] = useState<AlertTarget | null>(null);
  const [tested, setTested] = useState<{ name: string; error: string | null } | null>(null);
  const pages = usePages<AlertTarget>('alertTargets.list', {}, (_page, signal) =>
    client.call('alertTargets.list', {}, { signal }),
  );
  async function test({ id, name }: AlertTarget): Promise<void> {
    setTested(null);
    const { error } = await client
      .call('alertTargets.test', { id })
      .catch((failure: unknown) => ({ error: asOmError(failure).message }));
    setTested({ name, error });
  }
  const columns: readonly Column<AlertTarget>[] = [
    {
      key: 'name',
      title: t('name'),
      width: 'minmax(140px, 1fr)',
      cell: ({ name, enabled }) => (
        <>
          {safeText(name)} {!enabled && <span className={layout.tag}>{t('off')}</span>}
        </>
      ),
    },
    { key: 'kind', title: t('kind'), width: '140px', cell: ({ kind }) => t(`kind_${kind}`) },
    {
      key: 'url',
      title: t('url'),
      width: 'minmax(140px, 1fr)',
      cell: ({ origin }) => <span className={layout.mono}>{safeText(origin)}</span>,
    },
    { key: 'least', title: t('severity'), width: '100px', cell: ({ least }) => <SeverityChip severity={least} /> },
    {
      key: 'last',
      title: t('lastDelivery'),
      width: 'minmax(160px, 1.4fr)',
      cell: (target) => <Last target={target} />,
    },
    {
      key: 'acts',
      title: '',
      width: '210px',
      cell: (target) =>
        mayChange && (
          <div className={css.acts}>
            <ChangeButton size="xs" onClick={() => void test(target)}>
              {t('test')}
            </ChangeButton>
            <Button size="xs" onClick={() => setEdited(target)}>
              {t('editRule')}
            </Button>
            <Button size="xs" variant="subtle" color="red" onClick={() => setGone(target)}>
              {t('remove')}
            </Button>
          </div>
        ),
    },
  ];
  return (
    <>
      <div className={layout.bar}>
        {!mayChange && <span className={layout.muted}>{t('mayNot')}</span>}
        <span role="status" className={tested?.error ? css.error : undefined}>
          {tested &&
            (tested.error === null
              ? t('testOk', { name: safeText(tested.name) })
              : t('testFailed', { name: safeText(tested.name), error: safeText(tested.error) }))}
        </span>
        <span className={layout.push} />
        {mayChange && (
          <ChangeButton variant="filled" onClick={() => setEdited('new')}>
            {t('addTarget')}
          </ChangeButton>
        )}
      </div>
      <VirtualTable
        label={t('targets')}
        columns={columns}
        pages={pages}
        idOf={({ id }) => id}
        empty={<EmptyState title={t('noTargets')}>{t('noTargetsWhy')}</EmptyState>}
      />
      {edited && <TargetForm target={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
      {gone && (
        <Confirm
          method="alertTargets.remove"
          params={{ id: gone.id }}
          refresh={['alertTargets.list']}
          title={t('removeTarget', { name: safeText(gone.name) })}
          why={t('removeTargetWhy')}
          onClose={() => setGone(null)}
        />
      )}
    </>
  );
}

function Last({ target: { lastAt, lastError, waiting, givenUp } }: { target: AlertTarget }) {
  const t = useTexts(alertTexts);
  const more = [
    ...(waiting > 0 ? [t('waiting', { count: waiting })] : []),
    ...(givenUp > 0 ? [t('givenUp', { count: givenUp })] : []),
  ];
  if (lastAt === null) return <span className={layout.muted}>{[t('never'), ...more].join(' · ')}</span>;
  return (
    <span className={lastError === null ? undefined : css.error}>
      <Ago at={lastAt} /> · {[lastError === null ? t('arrived') : safeText(lastError), ...more].join(' · ')}
    </span>
  );
}
