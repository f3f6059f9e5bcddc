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
 * the wrapper removes; neither argv nor the environment holds a value. Here-documents and not printf, which is a program in some shells
 * and would show its arguments; what a variable holds is not read again as shell, so no end word can be forged.
 */
export function renderScript(input: ScriptInput): RenderedScript {
  const { interpreter, paramsBy } = input;
  const words = interpreter.split(' ');
  const program = words[0] ?? '';
  const json = JSON.stringify(
    Object.fromEntries(Object.entries(input.params).map(([name, value]) => [name, value ?? null])),
  );
  const run = words.map(shellQuote).join(' ');
  const body = `command -v ${shellQuote(program)} >/dev/null 2>&1 || { echo ${shellQuote(`omanager: ${program} is not installed on this server`)} >&2; exit 127; }
om_source=${shellQuote(requireText('the script', input.source))}
om_json=${shellQuote(requireText('the params', json))}
(
umask 077
cat >"$om_dir/script" <<om_end && cat >"$om_dir/params" <<om_end2
$om_source
om_end
$om_json
om_end2
) || exit 96
unset om_source om_json
${paramsBy === 'file' ? `OM_PARAMS=$om_dir/params\nexport OM_PARAMS\n${run} "$om_dir/script"` : `${run} "$om_dir/script" <"$om_dir/params"`}
`;
  return { prologue: renderEnv(input.env), body, needsFolder: true };
}
