import { checkPathValue, paramsInPath } from './hostPath.ts';
import type { Manifest } from './manifest.ts';
import { type ParamProblem, problem } from './paramValue.ts';
import { checkParams, type Validated } from './validateParams.ts';

/** Checks what an operator filled in: the form, and what the body makes of it. */
export function validateParams(manifest: Manifest, given: Readonly<Record<string, unknown>>): Validated {
  const { values, problems } = checkParams(manifest.params, given);
  return { values, problems: [...problems, ...checkPaths(manifest, values)] };
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
