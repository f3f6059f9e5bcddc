import { TagsInput, TextInput } from '@mantine/core';
import { useTexts } from '../../../i18n/useTexts.ts';
import type { TargetDraft } from './targetDraft.ts';
import { alertTexts } from './texts.ts';

/** Whom e-mail comes from and goes to, and who signs in at the mail server. */
export function MailFields({ draft, set }: { draft: TargetDraft; set: (more: Partial<TargetDraft>) => void }) {
  const t = useTexts(alertTexts);
  return (
    <>
      <TextInput
        label={t('mailFrom')}
        type="email"
        maxLength={200}
        value={draft.from}
        onChange={(event) => set({ from: event.currentTarget.value })}
      />
      <TagsInput label={t('mailTo')} splitChars={[',', ';', ' ']} value={draft.to} onChange={(to) => set({ to })} />
      <TextInput
        label={t('mailUser')}
        description={t('mailUserHint')}
        autoComplete="off"
        maxLength={200}
        value={draft.user}
        onChange={(event) => set({ user: event.currentTarget.value })}
      />
    </>
  );
}
