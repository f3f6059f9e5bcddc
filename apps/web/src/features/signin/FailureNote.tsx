import type { OmError } from '@omanager/contract';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeLines, safeText } from '../../ui/safeText.ts';
import { failureOf } from './failure.ts';
import css from './SignIn.module.css';
import { signInTexts } from './texts.ts';

/** Why signing in did not work, in words that tell the causes apart, and what to do. */
export function FailureNote({ error }: { error: OmError }) {
  const t = useTexts(signInTexts);
  const kind = failureOf(error);
  const reason = typeof error.details?.reason === 'string' ? safeText(error.details.reason) : '';
  const waitMs = error.details?.retryAfterMs;
  const count = typeof waitMs === 'number' ? Math.ceil(waitMs / 1000) : 1;
  return (
    <div className={css.failure} role="alert" data-kind={kind}>
      <IconAlertTriangle size={16} stroke={1.5} aria-hidden="true" />
      <div>
        <p className={css.failureTitle}>{t(`failed_${kind}`)}</p>
        <p>{kind === 'unknown' ? safeLines(error.message) : t(`failed_${kind}_do`, { count })}</p>
        <p className={css.failureCode}>{reason ? `${error.code} · ${reason}` : error.code}</p>
      </div>
    </div>
  );
}
