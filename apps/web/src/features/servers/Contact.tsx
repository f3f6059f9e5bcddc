import type { Contact as ContactModel } from '@omanager/contract';
import { useTexts } from '../../i18n/useTexts.ts';
import { StateGlyph } from '../../ui/StateGlyph.tsx';
import { StateLabel } from '../../ui/StateLabel.tsx';
import { Ago } from '../../ui/Time.tsx';
import css from './Contact.module.css';
import { serverTexts } from './texts.ts';

/** How the last connection to a server went, why it failed, and when: nobody pings. */
export function Contact({
  contact,
  reason = false,
  when = true,
}: {
  contact: ContactModel | null;
  reason?: boolean;
  when?: boolean;
}) {
  const t = useTexts(serverTexts);
  if (!contact) return <span className={css.unknown}>{t('unknown')}</span>;
  const why = contact.reason === null ? undefined : t(contact.reason);
  return (
    <span className={css.contact} data-reason={reason || undefined} title={why}>
      {contact.state === 'unreachable' ? (
        <StateLabel state="unreachable" />
      ) : (
        <span className={css.ok}>
          <StateGlyph state="ok" />
          {t('ok')}
        </span>
      )}
      {reason && why !== undefined && <span>{why}</span>}
      {when && (
        <span className={css.when}>
          <Ago at={contact.at} />
        </span>
      )}
    </span>
  );
}
