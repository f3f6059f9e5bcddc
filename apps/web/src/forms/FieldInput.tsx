import {
  MultiSelect,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useTexts } from '../i18n/useTexts.ts';
import { FileField } from './FileField.tsx';
import { OptionsField } from './OptionsField.tsx';
import css from './ParamForm.module.css';
import { type Field, isSecret } from './params.ts';
import { formTexts } from './texts.ts';

interface Props {
  id: string;
  field: Field;
  value: unknown;
  error: string | undefined;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

/** Up to so many choices stand side by side. */
const mostSegments = 3;
const maxSegmentLength = 14;

/** The control that fits a param. */
export function FieldInput({ id, field, value, error, disabled, onChange }: Props) {
  const t = useTexts(formTexts);
  const common = {
    id,
    disabled,
    required: field.required,
    'aria-invalid': error !== undefined,
    'aria-describedby': error === undefined ? undefined : `${id}-error`,
  };
  const text = typeof value === 'string' ? value : '';
  const wrong = error !== undefined;
  const source = field['x-options'];
  if (source && (field.type === 'string' || field.type === 'array')) {
    const list = field.type === 'array';
    return (
      <OptionsField
        {...{ id, source, list, value, disabled, onChange }}
        required={field.required}
        error={wrong}
        describedBy={common['aria-describedby']}
      />
    );
  }
  switch (field.type) {
    case 'boolean':
      return (
        <div className={css.switch}>
          <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
        </div>
      );
    case 'integer':
    case 'number':
      if (field.enum) return <Choice {...common} error={wrong} field={field} value={value} onChange={onChange} />;
      return (
        <NumberInput
          {...common}
          error={wrong}
          allowDecimal={field.type === 'number'}
          {...(field.minimum === undefined ? {} : { min: field.minimum })}
          {...(field.maximum === undefined ? {} : { max: field.maximum })}
          clampBehavior="none"
          {...(typeof field.default === 'number' && { placeholder: String(field.default) })}
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(next === '' ? undefined : Number(next))}
        />
      );
    case 'array':
      if (field.items?.enum) {
        return (
          <MultiSelect {...common} error={wrong} data={field.items.enum} value={listOf(value)} onChange={onChange} />
        );
      }
      return (
        <Textarea
          {...common}
          error={wrong}
          autosize
          minRows={2}
          maxRows={12}
          placeholder={t('onePerLine')}
          value={listOf(value).join('\n')}
          onChange={(event) => onChange(event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n'))}
        />
      );
    case 'string':
      if (field.format === 'file') {
        return <FileField {...{ id, value, disabled, onChange }} maxBytes={field.maxLength ?? 1_048_576} />;
      }
      if (field.enum) return <Choice {...common} error={wrong} field={field} value={value} onChange={onChange} />;
      if (isSecret(field)) {
        return (
          <PasswordInput
            {...common}
            error={wrong}
            autoComplete="off"
            value={text}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        );
      }
      if (field.format === 'textarea') {
        return (
          <Textarea
            {...common}
            error={wrong}
            autosize
            minRows={4}
            maxRows={20}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mono)' } }}
            value={text}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        );
      }
      return (
        <TextInput
          {...common}
          error={wrong}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

interface ChoiceProps {
  id: string;
  field: Field;
  value: unknown;
  error: boolean;
  disabled: boolean;
  'aria-describedby': string | undefined;
  onChange: (value: unknown) => void;
}

function Choice({ id, field, value, error, disabled, onChange, 'aria-describedby': describedBy }: ChoiceProps) {
  const values = field.enum ?? [];
  const data = values.map(String);
  const current = value === undefined ? null : String(value);
  const pick = (next: string | null) => onChange(values.find((one) => String(one) === next));
  if (
    field.required &&
    current !== null &&
    data.length <= mostSegments &&
    data.join('').length <= maxSegmentLength * 2
  ) {
    return <SegmentedControl id={id} data={data} value={current} disabled={disabled} onChange={pick} />;
  }
  return (
    <Select
      {...{ id, data, error, disabled }}
      {...(describedBy !== undefined && { 'aria-describedby': describedBy })}
      value={current}
      clearable={!field.required}
      searchable={data.length > 8}
      onChange={pick}
    />
  );
}

const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
