import { isAsked } from './condition.ts';
import type { Params } from './paramSchema.ts';
import { checkValue, type ParamProblem, problem } from './paramValue.ts';

export interface Validated {
  /** With defaults. Params without a value, and those that are not asked for, are left out. */
  values: Record<string, unknown>;
  problems: ParamProblem[];
}

/** Checks a filled-in form against the schema of the params alone. The client and the server both call this. */
export function checkParams({ properties, required }: Params, given: Readonly<Record<string, unknown>>): Validated {
  const problems: ParamProblem[] = [];
  const values: Record<string, unknown> = {};
  // Also what is wrong decides about what depends on it: one mistake is told once.
  const asked: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(properties, name))
      problems.push(problem(name, 'unknown', 'there is no such param', '没有这个参数'));
  }
  for (const [name, param] of Object.entries(properties)) {
    const isGiven = Object.hasOwn(given, name) && given[name] !== undefined;
    if (!isAsked(param, asked)) {
      // Refused and not ignored: who gives a value expects it to matter.
      if (isGiven)
        problems.push(problem(name, 'hidden', 'is not asked for beside these values', '其他取值下才需要此参数'));
      continue;
    }
    const value = isGiven ? given[name] : param.default;
    asked[name] = value;
    if (value === undefined || (isEmpty(value) && required.includes(name))) {
      if (required.includes(name)) problems.push(problem(name, 'required', 'needs a value', '必须填写'));
      continue;
    }
    // An empty field of a form is no value, whatever a pattern says about texts.
    const found =
      value === '' && param.type === 'string' && param.format !== 'file' ? undefined : checkValue(name, param, value);
    if (found) problems.push(found);
    else values[name] = value;
  }
  return { values, problems };
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}
