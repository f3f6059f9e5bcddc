import { type Schema, Validator } from '@cfworker/json-schema';
import type { Param } from './paramSchema.ts';
import { patternOf } from './paramSchema.ts';
import { compilePattern } from './pattern.ts';

export interface ParamProblem {
  param: string;
  code:
    | 'unknown'
    | 'hidden'
    | 'required'
    | 'type'
    | 'range'
    | 'length'
    | 'enum'
    | 'pattern'
    | 'nul'
    | 'file'
    | 'path'
    | 'invalid';
  message: { en: string; zh: string };
}

/** The value of a param with `format: file`. */
export interface FileValue {
  name: string;
  /** Base64. */
  data: string;
}

/** Characters of a text without a limit of its own. */
const maxText = 1_048_576;
/** Bytes of a file without a limit of its own. */
const maxFile = 1_048_576;

/** What is wrong with one value that was given, if anything. */
export function checkValue(name: string, param: Param, value: unknown): ParamProblem | undefined {
  if (param.type === 'string' && param.format === 'file') return checkFile(name, value, param.maxLength ?? maxFile);
  if (!hasType(param.type, value)) return explain(name, param, 'type');
  const texts = (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
  return checkTexts(name, param, texts) ?? checkSchema(name, param, value) ?? checkPattern(name, param, texts);
}

/** Before the validator sees it: that throws for what is not JSON, and takes NaN for a number. */
function hasType(type: Param['type'], value: unknown): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'array':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
  }
}

function checkTexts(name: string, param: Param, texts: string[]): ParamProblem | undefined {
  if (texts.some((text) => text.includes('\0')))
    return problem(name, 'nul', 'holds a NUL character, which no shell can carry', '含有 NUL 字符，无法传给 shell');
  if (texts.some((text) => !text.isWellFormed()))
    return problem(name, 'invalid', 'is not valid Unicode text', '不是有效的 Unicode 文本');
  const limit = param.type === 'string' ? (param.maxLength ?? maxText) : maxText;
  if (texts.reduce((sum, { length }) => sum + length, 0) > limit)
    return problem(name, 'length', `is longer than ${limit} characters`, `超过 ${limit} 个字符`);
  const oneLine = param.type === 'array' || (param.type === 'string' && param.format === undefined && !param.secret);
  if (oneLine && texts.some((text) => /[\r\n]/.test(text)))
    return param.type === 'array'
      ? problem(name, 'type', 'has an item of more than one line', '列表项不能换行')
      : problem(name, 'type', 'must be one line', '只能是一行');
  return undefined;
}

function checkSchema(name: string, param: Param, value: unknown): ParamProblem | undefined {
  // The last error is the innermost one.
  const error = new Validator(schemaOf(param), '2020-12', false).validate(value).errors.at(-1);
  return error && explain(name, param, error.keyword);
}

function checkPattern(name: string, param: Param, texts: string[]): ParamProblem | undefined {
  const source = patternOf(param);
  if (source === undefined) return undefined;
  const pattern = compilePattern(source);
  if (typeof pattern === 'string') return problem(name, 'pattern', pattern, '格式规则无效');
  // One budget for all items of a list: together they must not hold up the event loop either.
  if (!pattern.affords(texts.reduce((sum, { length }) => sum + length, 0)))
    return problem(name, 'length', 'is too long to be checked against its pattern', '太长，无法校验格式');
  if (texts.every((text) => pattern.test(text))) return undefined;
  return problem(name, 'pattern', `does not match ${source}`, `不符合格式 ${source}`);
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
      return defined({ type: param.type, items, minItems: param.minItems, maxItems: param.maxItems ?? 1000 });
    }
  }
}

function defined(schema: { [Key in keyof Schema]: Schema[Key] | undefined }): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

function checkFile(name: string, value: unknown, limit: number): ParamProblem | undefined {
  if (!isFile(value)) return problem(name, 'file', 'needs a file', '需要一个文件');
  if (!isFileName(value.name)) return problem(name, 'file', 'has a name that is no file name', '文件名无效');
  if (!isBase64(value.data)) return problem(name, 'file', 'has a content that is not base64', '文件内容不是 base64');
  const bytes = sizeOfBase64(value.data);
  if (bytes > limit) return problem(name, 'length', `has ${bytes} bytes, more than ${limit}`, `超过 ${limit} 字节`);
  return undefined;
}

function isFile(value: unknown): value is FileValue {
  if (typeof value !== 'object' || value === null) return false;
  return 'name' in value && typeof value.name === 'string' && 'data' in value && typeof value.data === 'string';
}

/** One name, not a path, and nothing that a terminal or a file system takes for something else. */
function isFileName(name: string): boolean {
  return name.length > 0 && name.length <= 255 && name !== '.' && name !== '..' && !/[/\\\p{Cc}\p{Cs}]/u.test(name);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function sizeOfBase64(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

function explain(name: string, param: Param, keyword: string): ParamProblem {
  switch (keyword) {
    case 'type':
      return problem(name, 'type', `must be ${typeWords[param.type][0]}`, `必须是${typeWords[param.type][1]}`);
    case 'enum': {
      const choices =
        param.type === 'boolean' ? [] : param.type === 'array' ? (param.items.enum ?? []) : (param.enum ?? []);
      const shown = choices.slice(0, 20).join(', ');
      return problem(name, 'enum', `must be one of ${shown}`, `只能是 ${shown}`);
    }
    case 'minimum':
    case 'maximum': {
      const { minimum, maximum } = param.type === 'integer' || param.type === 'number' ? param : {};
      if (minimum === undefined) return problem(name, 'range', `must be at most ${maximum}`, `不能大于 ${maximum}`);
      if (maximum === undefined) return problem(name, 'range', `must be at least ${minimum}`, `不能小于 ${minimum}`);
      return problem(name, 'range', `must be from ${minimum} to ${maximum}`, `范围是 ${minimum} 到 ${maximum}`);
    }
    case 'minLength':
      return problem(name, 'length', 'is too short', '太短');
    case 'maxLength':
      return problem(name, 'length', 'is too long', '太长');
    case 'minItems':
      return problem(name, 'length', 'has too few items', '项数太少');
    case 'maxItems':
      return problem(name, 'length', 'has too many items', '项数太多');
    default:
      return problem(name, 'invalid', 'is not valid', '无效');
  }
}

const typeWords: Record<Param['type'], readonly [en: string, zh: string]> = {
  string: ['a text', '文本'],
  integer: ['a whole number', '整数'],
  number: ['a number', '数字'],
  boolean: ['true or false', 'true 或 false'],
  array: ['a list of texts', '文本列表'],
};

export function problem(param: string, code: ParamProblem['code'], en: string, zh: string): ParamProblem {
  return { param, code, message: { en, zh } };
}
