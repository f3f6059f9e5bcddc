import type { Values } from '../../forms/params.ts';
import { useTexts, useTitle } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import { RiskChip } from '../../ui/RiskChip.tsx';
import { safeText } from '../../ui/safeText.ts';
import code from './Code.module.css';
import { CodeView } from './CodeView.tsx';
import css from './Editor.module.css';
import { PreviewForm } from './PreviewForm.tsx';
import { moduleTexts } from './texts.ts';
import type { Check } from './useCheck.ts';

interface Props {
  check: Check;
  values: Values;
  onChange: (values: Values) => void;
}

/** What operators will see of the text: title, form, and the script that the form makes. */
export function EditorPreview({ check: { sound }, values, onChange }: Props) {
  const t = useTexts(moduleTexts);
  const title = useTitle();
  const module = sound?.module;
  return (
    <aside className={css.preview} aria-label={t('form')}>
      <div className={css.previewHead}>
        <h2 className={layout.cut}>{module ? safeText(title(module.title)) : t('form')}</h2>
        {module && <RiskChip risk={module.risk} />}
      </div>
      {module ? (
        <>
          <p className={layout.muted}>{safeText(title(module.description)) || t('formHint')}</p>
          <div className={css.form}>
            <PreviewForm schema={module.params} values={values} problems={sound.paramProblems} onChange={onChange} />
          </div>
        </>
      ) : (
        <p className={layout.muted}>{t('scriptBroken')}</p>
      )}
      <h3 className={css.previewTitle}>{t('script')}</h3>
      {sound?.script == null ? (
        <p className={layout.muted}>{t(module ? 'scriptWaits' : 'scriptBroken')}</p>
      ) : (
        <div className={code.box}>
          <CodeView text={sound.script} label={t('script')} />
        </div>
      )}
    </aside>
  );
}
