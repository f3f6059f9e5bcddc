import type { ActionEvent, TimelineItem } from '@omanager/contract';
import { Link } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { useActorName } from '../actorName.ts';
import { timelineTexts } from './texts.ts';
import { userAddress } from './timelineRows.ts';

/** Who did it. */
export function Who({ item }: { item: TimelineItem }) {
  const nameOf = useActorName();
  const name = whoOf(item);
  if (name === '') return null;
  if (item.kind === 'action' && !isPerson(item.action)) return nameOf(item.action);
  return (
    <Link href={userAddress(name)} onClick={(click) => click.stopPropagation()}>
      {safeText(name)}
    </Link>
  );
}

function isPerson({ actorKind }: ActionEvent): boolean {
  return actorKind === 'user' || actorKind === 'token';
}

function whoOf(item: TimelineItem): string {
  switch (item.kind) {
    case 'command':
    case 'gap':
      return item.command.user;
    case 'run':
      return item.run.startedBy;
    case 'action':
      return item.action.actorName;
    case 'session':
      return item.session.userName;
    case 'alert':
      return item.alert.user;
  }
}

/** Where it was done. */
export function Where({ item }: { item: TimelineItem }) {
  const t = useTexts(timelineTexts);
  switch (item.kind) {
    case 'command':
    case 'gap':
      return <Server name={item.command.hostName} known={item.command.hostId !== null} />;
    case 'run':
      return t('servers', { count: item.run.total });
    case 'action':
      return <span className={layout.mono}>{safeText(item.action.address)}</span>;
    case 'session':
      return <Server name={item.session.host} known />;
    case 'alert':
      return <Server name={item.alert.hostName} known={item.alert.hostId !== null} />;
  }
}

function Server({ name, known }: { name: string; known: boolean }) {
  if (!known) return <span className={layout.mono}>{safeText(name)}</span>;
  return (
    <Link
      className={layout.mono}
      href={`/servers/host/${encodeURIComponent(name)}`}
      onClick={(click) => click.stopPropagation()}
    >
      {safeText(name)}
    </Link>
  );
}
