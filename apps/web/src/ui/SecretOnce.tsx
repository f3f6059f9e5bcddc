import { Button, CopyButton } from '@mantine/core';
import { useTexts } from '../i18n/useTexts.ts';
import css from './SecretOnce.module.css';
import { safeText } from './safeText.ts';
import { uiTexts } from './texts.ts';

/** Something that is shown this once, with a button that copies it. `shown` may be easier to read than `value`. */
export function SecretOnce({ name, value, shown = value }: { name: string; value: string; shown?: string }) {
  const t = useTexts(uiTexts);
  return (
    <div className={css.secret}>
      <code>{safeText(shown)}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button aria-label={t('copyIt', { name })} onClick={copy}>
            {t(copied ? 'copied' : 'copy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}
