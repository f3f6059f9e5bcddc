import { requireMark } from './marks.ts';
import { type RenderedScript, renderShell } from './render.ts';
import { isRecordName } from './wrap.ts';

/**
 * A script that prints `PID NAME` of every process that carries an execution's mark in its environment or command line: what survived an
 * abort, or was started to stay. It looks only, unless a signal is named. Run it as the same user as the execution (through sudo where that
 * was), since the environment of other users' processes cannot be read.
 */
export function survivorsScript(mark: string, options: { signal?: 'TERM' | 'KILL' } = {}): RenderedScript {
  const word = requireMark(mark);
  // The first letter in brackets, so that grep does not find itself. GNU grep reads NUL-separated files; busybox may lack -z.
  const pattern = `[${word.slice(0, 1)}]${word.slice(1)}`;
  return renderShell({
    params: {},
    env: {},
    source: `
cd /proc || { echo "this system has no /proc, survivors cannot be found" >&2; exit 1; }
if echo x | grep -qz x 2>/dev/null; then
  found=$(grep -lsz -e '${pattern}' [0-9]*/environ [0-9]*/cmdline)
else
  found=$(for file in [0-9]*/environ [0-9]*/cmdline; do { tr '\\000' '\\n' <"$file" | grep -q -e '${pattern}' && echo "$file"; } 2>/dev/null; done)
fi
seen=' '
for file in $found; do
  pid=\${file%%/*}
  case $seen in *" $pid "*) continue;; esac
  seen="$seen$pid "
  name='?'
  { read -r name <"$pid/comm"; } 2>/dev/null
  echo "$pid $name"
  ${options.signal ? `kill -${options.signal} "$pid"` : ''}
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

/**
 * A script that asks the record of an execution what became of it. With a signal, a group that still runs is signalled, after its start
 * time was checked. Run it as the same user as the execution.
 */
export function probeScript(record: string, options: { signal?: 'TERM' | 'KILL' } = {}): RenderedScript {
  if (!isRecordName(record)) throw new Error(`${record} is not the name of a record`);
  const signal = options.signal ? `[ -z "$group" ] || kill -s ${options.signal} -- "-$group"` : '';
  return renderShell({
    params: {},
    env: {},
    source: `
file=$HOME/.omanager/run/${record}
[ -f "$file" ] && [ -O "$file" ] || { echo 'unknown no_record'; exit 0; }
{ read -r boot pid start group; read -r code; } <"$file"
[ -z "$code" ] || { echo "finished $code"; exit 0; }
{ read -r now </proc/sys/kernel/random/boot_id; } 2>/dev/null
[ "$now" = "$boot" ] || { echo 'unknown rebooted'; exit 0; }
{ read -r line <"/proc/$pid/stat"; } 2>/dev/null || { echo 'unknown gone'; exit 0; }
set -- \${line##*) }
[ "\${20}" = "$start" ] || { echo 'unknown gone'; exit 0; }
echo "running $pid"
${signal}
exit 0
`,
  });
}

/** `gone`: the wrapper ended without leaving an exit code (killed from outside); its survivors can still be looked for. */
export type ProbeResult =
  | { state: 'finished'; exitCode: number }
  | { state: 'running'; pid: number }
  | { state: 'unknown'; reason: 'no_record' | 'rebooted' | 'gone' };

/** Undefined when the output is not a probe's. */
export function parseProbe(output: string): ProbeResult | undefined {
  const match = /^(finished|running|unknown) (\w+)$/m.exec(output);
  const word = match?.[2] ?? '';
  switch (match?.[1]) {
    case 'finished':
      return { state: 'finished', exitCode: Number(word) };
    case 'running':
      return { state: 'running', pid: Number(word) };
    case 'unknown':
      return word === 'no_record' || word === 'rebooted' || word === 'gone'
        ? { state: 'unknown', reason: word }
        : undefined;
    default:
      return undefined;
  }
}
