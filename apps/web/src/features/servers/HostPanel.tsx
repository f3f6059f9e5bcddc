import { ActionIcon, Button, Tabs } from '@mantine/core';
import { type HostRow, isProduction } from '@omanager/contract';
import {
  IconChevronDown,
  IconChevronUp,
  IconCopy,
  IconExternalLink,
  IconFolder,
  IconPencil,
  IconPlayerPlay,
  IconShieldCheck,
  IconTerminal2,
  IconX,
} from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useBlockWords } from '../../data/useBlockWords.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import { commandsAddress } from '../audit/commands/commandQuery.ts';
import { commandTexts } from '../audit/commands/texts.ts';
import { timelineTexts } from '../audit/timeline/texts.ts';
import { composeFor, hostAddress } from './addresses.ts';
import { Contact } from './Contact.tsx';
import { HostFacts } from './HostFacts.tsx';
import css from './HostPanel.module.css';
import { HostRuns } from './HostRuns.tsx';
import { ServerForm } from './ServerForm.tsx';
import { serverTexts } from './texts.ts';

const Timeline = lazy(() => import('../audit/timeline/HostTimeline.tsx'));

interface Props {
  name: string;
  /** Beside the table; else the page of the server. */
  drawer?: boolean;
  onClose?: () => void;
  onStep?: (by: 1 | -1) => void;
}

/** One server: where it is, how it is reached, whether its key is trusted, what ran on it. */
export function HostPanel({ name, drawer = false, onClose, onStep }: Props) {
  const t = useTexts(serverTexts);
  const may = useMay();
  const found = useAnswer('hosts.table', { selector: `"${name}"`, limit: 1 });
  const host = found.data?.items.find((row) => row.name === name);
  // Beside the table there is no room for it.
  const timeline = !drawer && may('audit.read');
  const tTimeline = useTexts(timelineTexts);
  const missing = found.data !== undefined && !found.isPlaceholderData && host === undefined;
  return (
    <section
      className={drawer ? css.drawer : css.page}
      aria-label={safeText(name)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && onClose && !event.defaultPrevented) onClose();
      }}
    >
      {host && isProduction(host.environment) && (
        <p className={css.band}>
          {t('production')}
          <span className={css.where}>{safeText(host.groups.join(' · '))}</span>
        </p>
      )}
      <Head {...{ name, host, drawer, onClose, onStep }} />
      {found.error && <ErrorNote error={found.error} onRetry={() => void found.refetch()} />}
      {missing && (
        <EmptyState
          title={t('notFound', { name: safeText(name) })}
          action={<Link href="/servers">{t('backToServers')}</Link>}
        >
          {t('notFoundWhy')}
        </EmptyState>
      )}
      {host && (
        <Tabs defaultValue="overview" keepMounted={false} className={css.tabs ?? ''}>
          <Tabs.List>
            <Tabs.Tab value="overview">{t('overview')}</Tabs.Tab>
            <Tabs.Tab value="runs">{t('runs')}</Tabs.Tab>
            {timeline && <Tabs.Tab value="timeline">{tTimeline('title')}</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="overview" className={layout.scroll ?? ''}>
            <HostFacts host={host} />
            <HostRuns hostId={host.id} first={5} />
          </Tabs.Panel>
          <Tabs.Panel value="runs" className={layout.scroll ?? ''}>
            <HostRuns hostId={host.id} first={50} />
          </Tabs.Panel>
          {timeline && (
            <Tabs.Panel value="timeline" className={css.timeline ?? ''}>
              <Suspense fallback={null}>
                <Timeline name={host.name} />
              </Suspense>
            </Tabs.Panel>
          )}
        </Tabs>
      )}
    </section>
  );
}

interface HeadProps {
  name: string;
  host: HostRow | undefined;
  drawer: boolean;
  onClose: (() => void) | undefined;
  onStep: ((by: 1 | -1) => void) | undefined;
}

function Head({ name, host, drawer, onClose, onStep }: HeadProps) {
  const t = useTexts(serverTexts);
  const ui = useTexts(uiTexts);
  const audit = useTexts(commandTexts);
  const may = useMay();
  const block = useBlockWords();
  const [, navigate] = useLocation();
  const [editing, setEditing] = useState(false);
  const [copied, setCopied] = useState(false);
  const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;
  return (
    <div className={css.head}>
      <div className={css.title}>
        {drawer ? <h2>{safeText(name)}</h2> : <h1>{safeText(name)}</h1>}
        {host && <Contact contact={host.contact} when={false} />}
        <span className={layout.push} />
        {onStep && (
          <>
            <ActionIcon aria-label={t('previous')} title={t('previous')} onClick={() => onStep(-1)}>
              <IconChevronUp {...icon} />
            </ActionIcon>
            <ActionIcon aria-label={t('next')} title={t('next')} onClick={() => onStep(1)}>
              <IconChevronDown {...icon} />
            </ActionIcon>
          </>
        )}
        {drawer && (
          <ActionIcon component={Link} href={hostAddress(name)} aria-label={t('openPage')} title={t('openPage')}>
            <IconExternalLink {...icon} />
          </ActionIcon>
        )}
        {onClose && (
          <ActionIcon aria-label={ui('close')} title={ui('close')} onClick={onClose}>
            <IconX {...icon} />
          </ActionIcon>
        )}
      </div>
      {host && (
        <div className={css.actions}>
          {may('run.start') && (
            <Button leftSection={<IconPlayerPlay {...icon} />} onClick={() => navigate(composeFor(host.name))}>
              {t('runModule')}
            </Button>
          )}
          {may('terminal.open') && block !== null && (
            <Button disabled title={block} leftSection={<IconTerminal2 {...icon} />}>
              {t('terminal')}
            </Button>
          )}
          {may('terminal.open') && block === null && (
            <Button
              component={Link}
              href={`/terminal/${encodeURIComponent(host.name)}`}
              leftSection={<IconTerminal2 {...icon} />}
            >
              {t('terminal')}
            </Button>
          )}
          {may('file.read') && (
            <Button
              component={Link}
              href={`/files/${encodeURIComponent(host.name)}`}
              leftSection={<IconFolder {...icon} />}
            >
              {t('files')}
            </Button>
          )}
          {may('audit.read') && (
            <Button
              component={Link}
              href={commandsAddress({ host: host.name })}
              leftSection={<IconShieldCheck {...icon} />}
            >
              {audit('onServer')}
            </Button>
          )}
          {may('inventory.write') && (
            <Button leftSection={<IconPencil {...icon} />} onClick={() => setEditing(true)}>
              {t('edit')}
            </Button>
          )}
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconCopy {...icon} />}
            onClick={() =>
              void navigator.clipboard.writeText(`${host.address}:${host.port}`).then(
                () => setCopied(true),
                () => {},
              )
            }
          >
            {copied ? ui('copied') : t('copyAddress')}
          </Button>
        </div>
      )}
      {editing && host && (
        <ServerForm
          host={host}
          onClose={() => setEditing(false)}
          onSaved={(saved) => {
            if (saved !== name) navigate(drawer ? `/servers?host=${encodeURIComponent(saved)}` : hostAddress(saved));
          }}
        />
      )}
    </div>
  );
}
