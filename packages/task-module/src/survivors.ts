import { requireMark } from './marks.ts';
import { type RenderedScript, renderShell } from './render.ts';

/**
 * Shell functions for scripts that look for what an execution left behind: `marked MARK` prints the pids of its processes, found by the mark
 * in their environment, or in the command line of the wrapper itself. Only processes that the own user may read and signal count.
 *
 * The first letter stands in brackets, so that grep does not find itself. GNU grep reads NUL-separated files; busybox may lack -z.
 * /proc/1 belongs to root, and so to us only if we are root.
 */
export const markedFunction = `
marked() {
  cd /proc 2>/dev/null || return
  rest=\${1#?}
  word="[\${1%"$rest"}]$rest"
  if echo x | grep -qz x 2>/dev/null; then
    found=$(grep -lsz -e "^OM_MARK=$word\\$" -e "om_mark=$word" [0-9]*/environ [0-9]*/cmdline)
  else
    found=$(for file in [0-9]*/environ [0-9]*/cmdline; do { tr '\\000' '\\n' <"$file" | grep -q -e "^OM_MARK=$word\\$" -e "om_mark=$word" && echo "$file"; } 2>/dev/null; done)
  fi
  seen=' '
  for file in $found; do
    one=\${file%%/*}
    case $seen in *" $one "*) continue;; esac
    seen="$seen$one "
    if [ -O "$one" ] || [ -O 1 ]; then echo "$one"; fi
  done
}
`;

/**
 * A script that prints `PID NAME` of every process that carries an execution's mark: what survived an abort, or was started to stay.
 * Run it as the same user as the execution (through sudo where that was), since the environment of other users' processes cannot be read.
 */
export function survivorsScript(mark: string): RenderedScript {
  return renderShell({
    params: {},
    env: {},
    source: `${markedFunction}
[ -r /proc/self/stat ] || { echo "this system has no /proc, survivors cannot be found" >&2; exit 1; }
for pid in $(marked ${requireMark(mark)}); do
  name='?'
  { read -r name <"/proc/$pid/comm"; } 2>/dev/null
  echo "$pid $name"
done
exit 0
`,
  });
}

export type Survivor = { pid: number; name: string };

export function parseSurvivors(output: string): Survivor[] {
  return output.split('\n').flatMap((line) => {
    const match = /^(\d{1,10}) (.{1,64})$/.exec(line);
    return match?.[1] && match[2] ? [{ pid: Number(match[1]), name: match[2] }] : [];
  });
}
