import type { ModuleCheck } from '@omanager/contract';
import { ParamForm } from '../../forms/ParamForm.tsx';
import { defaultsOf, fieldsOf, type Values } from '../../forms/params.ts';
import { useTitle } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';

interface Props {
  schema: Readonly<Record<string, unknown>>;
  /** What was filled in; fields that nobody has touched show the default of the text as it is now. */
  values: Values;
  problems: ModuleCheck['paramProblems'];
  onChange: (values: Values) => void;
}

/** The form that the text makes. A field is not called empty before somebody has been in it. */
export function PreviewForm({ schema, values, problems, onChange }: Props) {
  const title = useTitle();
  const defaults = defaultsOf(fieldsOf(schema) ?? []);
  const told = problems.filter(({ param, code }) => code !== 'required' || Object.hasOwn(values, param));
  const errors = Object.fromEntries(told.map(({ param, message }) => [param, safeText(title(message))]));
  return (
    <ParamForm
      schema={schema}
      value={{ ...defaults, ...values }}
      errors={errors}
      onChange={(next) => onChange(touched(next, values, defaults))}
    />
  );
}

function touched(next: Values, values: Values, defaults: Values): Values {
  return Object.fromEntries(
    Object.entries(next).filter(([name, value]) => Object.hasOwn(values, name) || value !== defaults[name]),
  );
}
