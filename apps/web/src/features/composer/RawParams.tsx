import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { z } from 'zod';
import { askedFields, type Field, isOpen, type Values } from '../../forms/params.ts';
import type { Problems } from '../../forms/useFormCheck.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import css from './Composer.module.css';
import { composerTexts } from './texts.ts';

interface Props {
  fields: readonly Field[];
  values: Values;
  problems: Problems;
  /** Null: what stands there is no form, so nothing may be made of what stood there before. */
  onChange: (values: Values | null) => void;
}

const objectSchema = z.record(z.string(), z.unknown());

/** The form as JSON, for who would rather type or paste it. Secrets and files stay in the form. */
export function RawParams({ fields, values, problems, onChange }: Props) {
  const t = useTexts(composerTexts);
  const open = fields.filter(isOpen).map(({ name }) => name);
  const [text, setText] = useState(() => {
    const shown = askedFields(fields, values).filter(({ name }) => open.includes(name));
    return JSON.stringify(Object.fromEntries(shown.map(({ name }) => [name, values[name]])), null, 2);
  });
  const [broken, setBroken] = useState<string | null>(null);

  function change(next: string): void {
    setText(next);
    const given = read(next);
    const unknown = typeof given === 'string' ? [] : Object.keys(given).filter((name) => !open.includes(name));
    const why =
      typeof given === 'string'
        ? t('noJson', { why: given })
        : unknown.length > 0
          ? t('noSuchParam', { names: unknown.join(', ') })
          : null;
    setBroken(why);
    const kept = Object.entries(values).filter(([name]) => !open.includes(name));
    onChange(why === null && typeof given !== 'string' ? { ...given, ...Object.fromEntries(kept) } : null);
  }

  return (
    <div className={css.raw}>
      <Textarea
        aria-label={t('rawLabel')}
        description={t('rawHint')}
        error={broken === null ? false : safeText(broken)}
        {...{ autosize: true, minRows: 6, maxRows: 30, spellCheck: false, value: text }}
        styles={{ input: { fontFamily: 'var(--mono)' } }}
        onChange={(event) => change(event.currentTarget.value)}
      />
      {broken === null &&
        Object.entries(problems).map(([name, message]) => (
          <p key={name} className={css.wrong}>
            {safeText(`${name}: ${message}`)}
          </p>
        ))}
    </div>
  );
}

function read(text: string): Record<string, unknown> | string {
  try {
    return objectSchema.safeParse(JSON.parse(text)).data ?? '{ … }';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
