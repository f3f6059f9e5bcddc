import { requireMark, type Traces } from './marks.ts';
import { type RenderedScript, renderShell } from './render.ts';

/**
 * Shell functions for scripts that look for what an execution left behind: `marked MARK FRAME` prints the pids of its processes, found by
 * the mark in their environment, or by the frame in the command line of the wrapper itself. Only processes that the own user may
 * signal count.
 *
 * The mark is a secret of the execution, and stands in no command line here either, or any user could start something that bears it.
 * The frame is none: it counts for the real user only, since a command with the setuid bit takes any argument from anybody. Its first
 * letter stands in brackets, so that grep does not find itself. GNU grep reads NUL-separated files; busybox may lack -z.
 * /proc/1 belongs to root, and so to us only if we are root.
 */
export const markedFunction = `
real_user() {
  uid=
  while read -r key uid rest; do
    [ "$key" != Uid: ] || return
  done <"$1/status"
  uid=
} 2>/dev/null
holds() {
  text=$({ tr '\\000' '\\n' <"$1"; } 2>/dev/null)
  case "
$text
" in *"$2"*) echo "$1";; esac
}
marked() {
  cd /proc 2>/dev/null || return
  environment="OM_MARK=$1"
  argument="om_frame=\${2:-none}"
  if echo x | grep -qz x 2>/dev/null; then
    found=$(echo "^$environment\\$" | grep -lsz -f - [0-9]*/environ; grep -lsz "[o]\${argument#o}" [0-9]*/cmdline)
  else
    found=$(for one in [0-9]*; do
      holds "$one/environ" "
$environment
"
      holds "$one/cmdline" "$argument"
    done)
  fi
  real_user self
  own=$uid
  seen=' '
  for file in $found; do
    one=\${file%%/*}
    case $seen in *" $one "*) continue;; esac
    case $file in */cmdline) real_user "$one"; [ "$uid" = "$own" ] || continue;; esac
    seen="$seen$one "
    if [ -O "$one" ] || [ -O 1 ]; then echo "$one"; fi
  done
}
`;

/**
 * A script that prints `PID NAME` of every process that bears an execution's traces: what survived an abort, or was started to stay.
 * Run it as the same user as the execution (through sudo where that was), since the environment of other users' processes cannot be read.
 */
export function survivorsScript({ mark, frame }: Traces): RenderedScript {
  return renderShell({
    params: {},
    env: {},
    source: `${markedFunction}
[ -r /proc/self/stat ] || { echo "this system has no /proc, survivors cannot be found" >&2; exit 1; }
for pid in $(marked ${requireMark(mark)} ${requireMark(frame)}); do
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
