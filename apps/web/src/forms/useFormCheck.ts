import type { ParamProblem } from '@omanager/task-module/form';
import { useEffect, useMemo, useState } from 'react';
import { useLanguage } from '../i18n/useTexts.ts';
import { type Field, splitValues, type Values } from './params.ts';

/** What is wrong, by param, in the language of now. */
export type Problems = Readonly<Record<string, string>>;

type Check = (given: Record<string, unknown>) => readonly ParamProblem[];

const nothingWrong: Problems = {};

/**
 * The server's own rules on what stands in a form: null until they are there. They are fetched with the first form and
 * not with the page, since patterns bring an engine of their own.
 */
export function useFormCheck(schema: unknown, fields: readonly Field[] | null, values: Values): Problems | null {
  const language = useLanguage();
  const [found, setFound] = useState<{ schema: unknown; check: Check } | null>(null);

  useEffect(() => {
    if (schema === null) return;
    let gone = false;
    const keep = (check: Check) => {
      if (!gone) setFound({ schema, check });
    };
    // Without them the server still says what is wrong.
    checkOf(schema).then(keep, () => keep(() => []));
    return () => {
      gone = true;
    };
  }, [schema]);

  return useMemo(() => {
    if (fields === null || found === null || found.schema !== schema) return null;
    const { params, files } = splitValues(fields, values);
    const problems = found.check({ ...params, ...files });
    if (problems.length === 0) return nothingWrong;
    return Object.fromEntries(problems.map(({ param, message }) => [param, message[language]]));
  }, [fields, found, schema, values, language]);
}

async function checkOf(schema: unknown): Promise<Check> {
  const { checkParams, paramsSchema } = await import('@omanager/task-module/form');
  const parsed = paramsSchema.safeParse(schema);
  return (given) => (parsed.success ? checkParams(parsed.data, given).problems : []);
}
