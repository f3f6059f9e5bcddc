import { checkPathValue, paramsInPath } from './hostPath.ts';
import type { Manifest } from './manifest.ts';
import { checkValue, type ParamProblem, problem } from './paramValue.ts';

export interface Validated {
  /** With defaults. Params without a value are left out. */
  values: Record<string, unknown>;
  problems: ParamProblem[];
}

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
  return { values, problems: [...problems, ...checkPaths(manifest, values)] };
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function checkPaths({ body }: Manifest, values: Record<string, unknown>): ParamProblem[] {
  const path = body.kind === 'copy' ? body.to : body.kind === 'fetch' ? body.from : '';
  return paramsInPath(path).flatMap((name) => {
    switch (Object.hasOwn(values, name) && checkPathValue(path, name, values[name])) {
      case 'not_absolute':
        return problem(
          name,
          'path',
          'must be the absolute path of a file, without ..',
          '必须是文件的绝对路径，且不含 ..',
        );
      case 'leaves_folder':
        return problem(name, 'path', 'must be one name, without / or ..', '只能是一个名称，不含 / 或 ..');
      default:
        return [];
    }
  });
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
