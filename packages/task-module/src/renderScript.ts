import { shellQuote } from './quote.ts';
import { type RenderedScript, type RenderInput, renderEnv, requireText } from './render.ts';

export type ScriptInput = {
  /** The program with its options, such as `python3` or `perl -w`. */
  interpreter: string;
  source: string;
  /** How the params reach the program, as one JSON object: by a 0600 file named in $OM_PARAMS, or by standard input. */
  paramsBy: 'file' | 'stdin';
  params: RenderInput['params'];
  env: RenderInput['env'];
};

/**
 * A shell body that gives the source to an interpreter. Source and params go into 0600 files of a private folder, which
 * the wrapper removes; neither argv nor the environment holds a value.
 */
export function renderScript(input: ScriptInput): RenderedScript {
  const { interpreter, paramsBy } = input;
  const program = interpreter.split(' ')[0] ?? '';
  const json = JSON.stringify(
    Object.fromEntries(Object.entries(input.params).map(([name, value]) => [name, value ?? null])),
  );
  const run = interpreter.split(' ').map(shellQuote).join(' ');
  const body = `umask 077
command -v ${shellQuote(program)} >/dev/null 2>&1 || { echo ${shellQuote(`omanager: ${program} is not installed on this server`)} >&2; exit 127; }
printf '%s' ${shellQuote(requireText('the script', input.source))} >"$om_dir/script" || exit 96
printf '%s' ${shellQuote(requireText('the params', json))} >"$om_dir/params" || exit 96
umask 022
${paramsBy === 'file' ? `OM_PARAMS=$om_dir/params; export OM_PARAMS\n${run} "$om_dir/script"` : `${run} "$om_dir/script" <"$om_dir/params"`}
`;
  return { prologue: renderEnv(input.env), body, needsFolder: true };
}
