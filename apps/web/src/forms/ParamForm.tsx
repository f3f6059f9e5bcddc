import { useMemo, useState } from 'react';
import { type Translate, useLanguage, useTexts } from '../i18n/useTexts.ts';
import { safeText } from '../ui/safeText.ts';
import { FieldInput } from './FieldInput.tsx';
import css from './ParamForm.module.css';
import { ProblemList } from './ProblemList.tsx';
import { askedFields, type Field, fieldsOf, inLanguage, isSecret, type Values } from './params.ts';
import { formTexts } from './texts.ts';
import type { Problems } from './useFormCheck.ts';

export interface ParamFormProps {
  /** JSON Schema of the module's params. */
  schema: unknown;
  value: Values;
  onChange: (value: Values) => void;
  /** What the server found wrong with single fields: shown at once. */
  errors?: Problems;
  /** What is wrong with what stands there now: shown for fields that were left, or for all after a try to go on. */
  problems?: Problems;
  /** How often it was tried to go on. */
  tries?: number;
  disabled?: boolean;
}

const none: Problems = {};

/** The form of a module, the same wherever one is filled in. The schema is a flat list of params, so fields are too. */
export function ParamForm(props: ParamFormProps) {
  const { schema, value, onChange, errors = none, problems = none, tries = 0, disabled = false } = props;
  const t = useTexts(formTexts);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const all = useMemo(() => fieldsOf(schema), [schema]);
  const fields = all && askedFields(all, value);
  if (fields === null) return <p className={css.note}>{t('unknownForm')}</p>;
  if (fields.length === 0) return <p className={css.note}>{t('none')}</p>;
  const seen = Object.entries(problems).filter(([name]) => tries > 0 || left.has(name));
  const shown: Problems = { ...errors, ...Object.fromEntries(seen) };
  return (
    <div className={css.form}>
      <ProblemList fields={fields} problems={shown} tries={tries} />
      {fields.map((field) => (
        <FormRow
          key={field.name}
          field={field}
          value={value[field.name]}
          error={shown[field.name]}
          disabled={disabled}
          onChange={(next) => onChange({ ...value, [field.name]: next })}
          onLeave={() => setLeft((before) => (before.has(field.name) ? before : new Set(before).add(field.name)))}
        />
      ))}
    </div>
  );
}

interface RowProps {
  field: Field;
  value: unknown;
  error: string | undefined;
  disabled: boolean;
  onChange: (value: unknown) => void;
  onLeave: () => void;
}

function FormRow({ field, value, error, disabled, onChange, onLeave }: RowProps) {
  const t = useTexts(formTexts);
  const language = useLanguage();
  const id = `param-${field.name}`;
  const hints = [
    safeText(inLanguage(field.description, language)),
    rangeOf(field, t),
    isSecret(field) ? t('secretHint') : '',
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears when the focus leaves the field
    <div
      className={css.row}
      data-field={field.name}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) onLeave();
      }}
    >
      <label htmlFor={id}>
        {safeText(inLanguage(field.title, language) || field.name)}
        {field.required && (
          <span className={css.required} title={t('required')} aria-hidden="true">
            {' *'}
          </span>
        )}
      </label>
      <div className={css.input}>
        <FieldInput {...{ id, field, value, disabled, onChange }} error={error} />
        {hints.length > 0 && <p className={css.hint}>{hints.join(' · ')}</p>}
        {error !== undefined && (
          <p className={css.error} id={`${id}-error`}>
            {safeText(error)}
          </p>
        )}
      </div>
    </div>
  );
}

function rangeOf({ minimum, maximum }: Field, t: Translate<typeof formTexts.en>): string {
  if (minimum !== undefined && maximum !== undefined) return t('range', { min: minimum, max: maximum });
  if (minimum !== undefined) return t('atLeast', { min: minimum });
  return maximum === undefined ? '' : t('atMost', { max: maximum });
}
