import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import css from './Audit.module.css';
import { changesOf } from './changes.ts';
import { auditTexts } from './texts.ts';

/** Before and after of what an act changed. */
export function Changes({ details }: { details: unknown }) {
  const t = useTexts(auditTexts);
  const changes = changesOf(details);
  if (changes.length === 0) return null;
  return (
    <table className={css.changes}>
      <caption>{t('changes')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('field')}</th>
          <th scope="col">{t('was')}</th>
          <th scope="col">{t('is')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row">{safeText(field)}</th>
            <td>
              <del>{safeText(before)}</del>
            </td>
            <td>
              <ins>{safeText(after)}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
