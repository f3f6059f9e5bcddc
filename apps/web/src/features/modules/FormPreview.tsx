import { useState } from 'react';
import { ParamForm } from '../../forms/ParamForm.tsx';
import { defaultsOf, fieldsOf, type Values } from '../../forms/params.ts';
import { useFormCheck } from '../../forms/useFormCheck.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import css from './Detail.module.css';
import { moduleTexts } from './texts.ts';

/** The form as the composer shows it, to be tried without effect. */
export function FormPreview({ schema }: { schema: unknown }) {
  const t = useTexts(moduleTexts);
  const fields = fieldsOf(schema) ?? [];
  const [values, setValues] = useState<Values>(() => defaultsOf(fields));
  const problems = useFormCheck(schema, fields, values);
  if (fields.length === 0) return null;
  return (
    <section className={css.section}>
      <h3>
        {t('form')} <span className={layout.muted}>· {t('formHint')}</span>
      </h3>
      <div className={css.form}>
        <ParamForm schema={schema} value={values} onChange={setValues} problems={problems ?? {}} />
      </div>
    </section>
  );
}
