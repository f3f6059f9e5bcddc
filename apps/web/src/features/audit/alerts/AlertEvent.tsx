import type { Alert, CommandEvent } from '@omanager/contract';
import { useAnswer } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { ErrorNote } from '../../../ui/ErrorNote.tsx';
import layout from '../../../ui/layout.module.css';
import { safeLines, safeText } from '../../../ui/safeText.ts';
import audit from '../Audit.module.css';
import { Marks } from '../commands/commandColumns.tsx';
import { commandTexts } from '../commands/texts.ts';
import { momentOf } from '../moment.ts';
import css from './Alerts.module.css';
import { alertTexts } from './texts.ts';

/** So many before the command and so many after it; the page of commands has the rest. */
const beside = 8;
const minutes = 5;
/** More of a long neighbour is in its own details. */
const longest = 200;

/** The command that an alert is about, whole, and what was seen on its server just before and after. */
export function AlertEvent({ alert: { eventId, command } }: { alert: Alert }) {
  const t = useTexts(alertTexts);
  const around = useAnswer('commands.around', { id: eventId, minutes, limit: beside }, { enabled: command !== null });
  // An answer that is shown until the next one comes is that of another alert.
  const items = around.isPlaceholderData ? [] : (around.data?.items ?? []);
  const event = items.find(({ id }) => id === eventId);
  if (command === null || around.error?.code === 'NOT_FOUND') return <p className={layout.muted}>{t('commandGone')}</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long command is scrolled by keys as well */}
      <pre className={audit.json} tabIndex={0}>
        {safeLines(event?.text ?? command)}
      </pre>
      {event && <EventFacts event={event} />}
      {around.error && <ErrorNote error={around.error} />}
      {items.length > 1 && (
        <section aria-label={t('beside')}>
          <h3 className={css.beside}>{t('beside')}</h3>
          <ol className={css.found}>
            {items.map((one) => (
              <li key={one.id} aria-current={one.id === eventId ? 'true' : undefined}>
                <time dateTime={one.at}>{momentOf(one.at)}</time> {safeText(one.user)} ${' '}
                {safeText(one.text.slice(0, longest))}{' '}
                {one.exit !== null && one.exit !== 0 && (
                  <span className={css.error}>{t('exitCode', { code: one.exit })}</span>
                )}
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

function EventFacts({ event }: { event: CommandEvent }) {
  const t = useTexts(commandTexts);
  const facts = [
    [t('directory'), event.directory],
    [t('exit'), event.exit === null ? '' : String(event.exit)],
    [t('ttySession'), [event.tty, event.session].filter(Boolean).join(' ')],
    [t('loginUser'), event.loginUser],
    [t('sourceAddress'), event.source],
  ] as const;
  return (
    <>
      <p className={css.belongs}>
        <Marks event={event} risk={false} />
      </p>
      <dl className={layout.facts}>
        {facts.map(([name, value]) =>
          value === '' ? null : (
            <div key={name} className={audit.fact}>
              <dt>{name}</dt>
              <dd className={layout.mono}>{safeText(value)}</dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}
