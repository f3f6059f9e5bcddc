import { z } from 'zod';
import type { Cli } from '../cli.ts';
import { type Field, fieldSchema, formSchema, isFile, isSecret } from './params.ts';

const titlesSchema = z.object({ en: z.string(), zh: z.string() }).partial();

export const paramTableHeader = ['PARAMETER', 'TYPE', 'ALLOWED', 'NEEDED', 'DEFAULT', 'TITLE'] as const;

/** A form as a table: name, type, what is allowed, whether it is required or a secret, default, title. */
export function paramRows(lang: Cli['lang'], schema: unknown): string[][] {
  const { properties, required } = formSchema.parse(schema);
  return Object.entries(properties).map(([name, field]) => {
    const marks = [required.includes(name) ? 'required' : '', isSecret(field) ? 'secret' : '', whenOf(field)].filter(
      Boolean,
    );
    const value = field.default === undefined ? '' : JSON.stringify(field.default);
    return [name, typeOf(field), allowed(field), marks.join(', '), value, titleOf(lang, field)];
  });
}

/** `if from is url` */
function whenOf({ 'x-when': when = {} }: Field): string {
  const all = Object.entries(when).map(([name, wanted]) => {
    const values = 'const' in wanted ? [wanted.const] : wanted.enum;
    return `${name} is ${values.join(' or ')}`;
  });
  return all.length === 0 ? '' : `if ${all.join(' and ')}`;
}

const typeOf = (field: Field): string => (isFile(field) ? 'file' : [field.type ?? 'any'].flat().join(' or '));

function allowed(field: Field): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = field;
  const items = fieldSchema.safeParse(field.items);
  return [
    field.enum?.join(' | ') ?? '',
    bounds(minimum, maximum, ''),
    bounds(minLength, maxLength, isFile(field) ? ' bytes' : ' characters'),
    bounds(minItems, maxItems, ' items'),
    pattern === undefined ? '' : `matches ${pattern}`,
    items.success && allowed(items.data) !== '' ? `each ${allowed(items.data)}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function bounds(min: number | undefined, max: number | undefined, unit: string): string {
  if (min === undefined) return max === undefined ? '' : `at most ${max}${unit}`;
  return max === undefined ? `at least ${min}${unit}` : `${min} to ${max}${unit}`;
}

function titleOf(lang: Cli['lang'], { title }: Field): string {
  if (typeof title === 'string') return title;
  const titles = titlesSchema.safeParse(title);
  return titles.success ? (titles.data[lang] ?? titles.data.en ?? '') : '';
}
