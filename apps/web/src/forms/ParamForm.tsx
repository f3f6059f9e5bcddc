import { type Translate, useLanguage, useTexts } from '../i18n/useTexts.ts';
import { safeText } from '../ui/safeText.ts';
import { FieldInput } from './FieldInput.tsx';
import css from './ParamForm.module.css';
import { type Field, fieldsOf, inLanguage, isSecret, type Values } from './params.ts';
import { formTexts } from './texts.ts';

export interface ParamFormProps {
  /** JSON Schema of the module's params. */
  schema: unknown;
  value: Values;
  onChange: (value: Values) => void;
  /** What is wrong with single fields, by param, in the language of now. */
  errors?: Readonly<Record<string, string>>;
  disabled?: boolean;
}

/** The form of a module, the same wherever one is filled in. The schema is a flat list of params, so fields are too. */
export function ParamForm({ schema, value, onChange, errors = {}, disabled = false }: ParamFormProps) {
  const t = useTexts(formTexts);
  const fields = fieldsOf(schema);
  if (fields === null) return <p className={css.note}>{t('unknownForm')}</p>;
  if (fields.length === 0) return <p className={css.note}>{t('none')}</p>;
  return (
    <div className={css.form}>
      {fields.map((field) => (
        <FormRow
          key={field.name}
          field={field}
          value={value[field.name]}
          error={errors[field.name]}
          disabled={disabled}
          onChange={(next) => onChange({ ...value, [field.name]: next })}
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
}

function FormRow({ field, value, error, disabled, onChange }: RowProps) {
  const t = useTexts(formTexts);
  const language = useLanguage();
  const id = `param-${field.name}`;
  const hints = [
    safeText(inLanguage(field.description, language)),
    rangeOf(field, t),
    isSecret(field) ? t('secretHint') : '',
  ].filter(Boolean);
  return (
    <div className={css.row} data-field={field.name}>
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
