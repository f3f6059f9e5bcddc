import { type Schema, Validator } from '@cfworker/json-schema';
import { RE2JS } from 're2js';
import type { Manifest } from './manifest.ts';
import type { Param } from './paramSchema.ts';

export interface ParamProblem {
  param: string;
  code: 'unknown' | 'required' | 'type' | 'range' | 'length' | 'enum' | 'pattern' | 'nul' | 'file' | 'invalid';
  message: { en: string; zh: string };
}

/** The value of a param with `format: file`. */
export interface FileValue {
  name: string;
  /** Base64. */
  data: string;
}

export interface Validated {
  /** With defaults. Params without a value are left out. */
  values: Record<string, unknown>;
  problems: ParamProblem[];
}

const maxText = 1_048_576;

/** Checks what an operator filled in. The client and the server give the same verdict, since both call this. */
export function validateParams(manifest: Manifest, given: Readonly<Record<string, unknown>>): Validated {
  const { properties, required } = manifest.params;
  const problems: ParamProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(properties, name))
      problems.push(problem(name, 'unknown', 'there is no such param', '没有这个参数'));
  }
  for (const [name, param] of Object.entries(properties)) {
    const value = Object.hasOwn(given, name) && given[name] !== undefined ? given[name] : param.default;
    if (value === undefined || (value === '' && required.includes(name) && param.type === 'string')) {
      if (required.includes(name)) problems.push(problem(name, 'required', 'needs a value', '必须填写'));
      continue;
    }
    const found =
      param.type === 'string' && param.format === 'file' ? checkFile(name, value) : checkValue(name, param, value);
    if (found) problems.push(found);
    else values[name] = value;
  }
  return { values, problems };
}

/** Names of the params that hold secrets. */
export function secretParamsOf(manifest: Manifest): string[] {
  return Object.entries(manifest.params.properties).flatMap(([name, param]) =>
    param.type === 'string' && param.secret ? [name] : [],
  );
}

/** Names of the params that hold a file. */
export function fileParamsOf(manifest: Manifest): string[] {
  return Object.entries(manifest.params.properties).flatMap(([name, param]) =>
    param.type === 'string' && param.format === 'file' ? [name] : [],
  );
}

function checkValue(name: string, param: Param, value: unknown): ParamProblem | undefined {
  const texts =
    typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  if (texts.some((text) => text.includes('\0')))
    return problem(name, 'nul', 'holds a NUL character, which no shell can carry', '含有 NUL 字符，无法传给 shell');
  if (texts.some((text) => !text.isWellFormed()))
    return problem(name, 'invalid', 'is not valid Unicode text', '不是有效的 Unicode 文本');
  const limit = param.type === 'string' ? (param.maxLength ?? maxText) : maxText;
  if (texts.some((text) => text.length > limit))
    return problem(name, 'length', `is longer than ${limit} characters`, `超过 ${limit} 个字符`);
  if (
    param.type === 'string' &&
    param.format === undefined &&
    !param.secret &&
    texts.some((text) => /[\r\n]/.test(text))
  )
    return problem(name, 'type', 'must be one line (format: textarea allows several)', '只能是一行');
  if (param.type === 'array' && texts.some((text) => text.includes('\n')))
    return problem(name, 'type', 'has an item with a newline', '列表项不能换行');
  const [error] = new Validator(schemaOf(param), '2020-12', false).validate(value).errors.slice(-1);
  if (error) return explain(name, param, error.keyword);
  const pattern = param.type === 'string' ? param.pattern : param.type === 'array' ? param.items.pattern : undefined;
  if (pattern !== undefined && texts.some((text) => !RE2JS.compile(pattern).matcher(text).find()))
    return problem(name, 'pattern', `does not match ${pattern}`, `不符合 ${pattern}`);
  return undefined;
}

/** What the validator may see: not the patterns (its engine is not linear) and not our own keywords. */
function schemaOf(param: Param): Schema {
  switch (param.type) {
    case 'string':
      return defined({ type: param.type, enum: param.enum, minLength: param.minLength, maxLength: param.maxLength });
    case 'integer':
    case 'number':
      return defined({ type: param.type, enum: param.enum, minimum: param.minimum, maximum: param.maximum });
    case 'boolean':
      return { type: param.type };
    case 'array': {
      const items = defined({ type: param.items.type, enum: param.items.enum, maxLength: param.items.maxLength });
      return defined({ type: param.type, items, minItems: param.minItems, maxItems: param.maxItems });
    }
  }
}

function defined(schema: { [Key in keyof Schema]: Schema[Key] | undefined }): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

function checkFile(name: string, value: unknown): ParamProblem | undefined {
  const isFile =
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'data' in value &&
    typeof value.data === 'string';
  return isFile ? undefined : problem(name, 'file', 'needs a file', '需要一个文件');
}

function explain(name: string, param: Param, keyword: string): ParamProblem {
  switch (keyword) {
    case 'type':
      return problem(name, 'type', `must be of type ${param.type}`, `类型必须是 ${param.type}`);
    case 'enum': {
      const choices =
        param.type === 'string' || param.type === 'integer' || param.type === 'number'
          ? (param.enum ?? [])
          : param.type === 'array'
            ? (param.items.enum ?? [])
            : [];
      const shown = choices.slice(0, 20).join(', ');
      return problem(name, 'enum', `must be one of ${shown}`, `只能是 ${shown}`);
    }
    case 'minimum':
    case 'maximum': {
      const { minimum, maximum } = param.type === 'integer' || param.type === 'number' ? param : {};
      return problem(
        name,
        'range',
        `must be from ${minimum ?? '…'} to ${maximum ?? '…'}`,
        `范围是 ${minimum ?? '…'} 到 ${maximum ?? '…'}`,
      );
    }
    case 'minLength':
    case 'maxLength':
      return problem(name, 'length', 'is too short or too long', '长度不对');
    case 'minItems':
    case 'maxItems':
      return problem(name, 'length', 'has too few or too many items', '项数不对');
    default:
      return problem(name, 'invalid', 'is not valid', '无效');
  }
}

function problem(param: string, code: ParamProblem['code'], en: string, zh: string): ParamProblem {
  return { param, code, message: { en, zh } };
}
