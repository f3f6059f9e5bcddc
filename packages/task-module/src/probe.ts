import { tailBytes } from './relay.ts';
import { type RenderedScript, renderShell } from './render.ts';
import { markedFunction } from './survivors.ts';
import { isRecordName } from './wrap.ts';

/**
 * A script that asks the record of an execution what became of it; run it as the same user as the execution. It answers
 *
 *     om-probe finished 3 | running 1234 | unknown no_record | unknown rebooted | unknown gone
 *     left 1250 1251
 *     tail
 *     … the end of the output, as bytes
 *
 * where `left` are processes that carry the execution's mark, and `tail` stands only where one was kept. What a script that ended with 0 has
 * left is taken for a daemon, and not told. With `killAfterMs` it first ends what is left: TERM, and KILL after that time. Nothing is
 * signalled that does not carry the mark, or stand in the group of a wrapper whose start time is that of the record.
 * A record that was told is kept under another name for an hour, in case whoever asked could not write the answer down.
 */
export function probeScript(record: string, { killAfterMs }: { killAfterMs?: number } = {}): RenderedScript {
  if (!isRecordName(record)) throw new Error(`${record} is not the name of a record`);
  return renderShell({
    params: {},
    env: {},
    source: `${markedFunction}${questions}
home=$HOME/.omanager/run
file=$home/${record}
[ -f "$file" ] || file=$file.got
[ -O "$home" ] && [ -f "$file" ] && [ -O "$file" ] || { echo 'om-probe unknown no_record'; exit 0; }
read -r boot pid start group mark frame <"$file"
case $pid$start$group in *[!0-9-]* | '') echo 'om-probe unknown no_record'; exit 0;; esac
case $mark$frame in *[!a-z0-9]*) mark=;; esac
{ read -r now </proc/sys/kernel/random/boot_id; } 2>/dev/null
told=
step=0
${killAfterMs === undefined ? '' : kill(Math.ceil(killAfterMs / 100))}code=$(code)
state="unknown gone"
if [ -n "$code" ]; then state="finished $code"
elif [ "$now" != "$boot" ]; then state="unknown rebooted"
elif alive; then state="running $pid"
fi
echo "om-probe $state"
case $told$state in
  running*) exit 0;;
  'finished 0') while alive && [ "$step" -lt 20 ]; do pause 1; step=$((step + 1)); done;;
  *) ended 20; echo left $(left);;
esac
[ -n "$code" ] || exit 0
if [ -f "$file.tail" ] && [ -O "$file.tail" ]; then
  echo tail
  tail -c ${tailBytes} "$file.tail"
fi
case $file in *.got) exit 0;; esac
mv -f "$file" "$file.got"
[ ! -e "$file.tail" ] || mv -f "$file.tail" "$file.got.tail"
exit 0
`,
  });
}

/** Once the body has ended, its wrapper still lets the output pass, and naps of up to a second run out. */
const questions = `
code() {
  { read -r line; read -r line; } <"$file" && echo "$line"
}
alive() {
  [ "$now" = "$boot" ] || return
  { read -r line <"/proc/$pid/stat"; } 2>/dev/null || return
  set -- \${line##*") "}
  [ "$1" != Z ] && [ "\${20}" = "$start" ]
}
left() {
  [ -z "$mark" ] || [ "$now" != "$boot" ] || marked "$mark" "$frame"
}
pause() {
  sleep "0.$1" 2>/dev/null || sleep 1
}
ended() {
  spent=0
  step=1
  while alive || [ -n "$(left)" ]; do
    [ "$spent" -lt "$1" ] || return
    pause "$step"
    spent=$((spent + step))
    [ "$step" -gt 4 ] || step=$((step * 2))
  done
}
`;

const kill = (tenths: number): string => `
send() {
  if [ "$group" != - ] && alive; then kill -s "$1" -- "-$group"; fi
  for one in $(left); do kill -s "$1" "$one"; done
}
told=told
alive && whole=1 || whole=
send TERM 2>/dev/null
if ! ended ${tenths}; then
  send KILL 2>/dev/null
  ended 30
  [ -z "$whole" ] || [ -n "$(code)" ] || echo 137 >>"$file"
fi
`;

/** `gone`: the wrapper ended without leaving an exit code (killed from outside). */
export type ProbeResult = { left: number[] } & (
  | { state: 'finished'; exitCode: number; tail: Uint8Array | null }
  | { state: 'running'; pid: number }
  | { state: 'unknown'; reason: 'no_record' | 'rebooted' | 'gone' }
);

const answer =
  /^om-probe (finished(?= \d{1,3}\n)|running(?= \d{1,10}\n)|unknown) (\w+)\n(?:left ?([\d ]*)\n)?(tail\n)?/m;

/** Undefined when the output is not a probe's. */
export function parseProbe(output: Uint8Array): ProbeResult | undefined {
  const text = Array.from(output, (byte) => String.fromCharCode(byte)).join('');
  const match = answer.exec(text);
  if (!match) return undefined;
  const [whole, state, word = '', pids = '', tail] = match;
  const left = pids
    .split(' ')
    .filter((pid) => /^\d{1,10}$/.test(pid))
    .map(Number);
  switch (state) {
    case 'finished':
      return { state, exitCode: Number(word), left, tail: tail ? output.slice(match.index + whole.length) : null };
    case 'running':
      return { state, pid: Number(word), left };
    case 'unknown':
      return word === 'no_record' || word === 'rebooted' || word === 'gone' ? { state, reason: word, left } : undefined;
    default:
      return undefined;
  }
}
