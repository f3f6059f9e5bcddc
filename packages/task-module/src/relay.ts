/** How much of the end of the output is kept, in bytes, both streams together. */
export const tailBytes = 65_536;

/**
 * The relay between body and channel, in plain POSIX sh, as functions for the runtime: one `tee` per stream, so that stdout and stderr stay two
 * streams, and a `tail` that both feed. They ignore PIPE, so that a channel that dies does not end the body, and TERM, so that its last words arrive.
 *
 * - The pipes have names, since no other pipe can stand between processes whose exit code the shell still has to learn. Opening them is
 *   a rendezvous: both tees hold the tail's pipe before they open their own, hence before the body begins, so tail cannot see its end too early.
 * - All of them are opened in the children: a shell would keep copies of what it opens itself.
 * - om_settle waits until everything has passed. Output that is only slow is waited for; a process that has left the group and still holds
 *   the output gets a second, and then nobody listens to it any more, as without a relay. `l-wx` is how /proc shows who may still write.
 * - om_await says on both streams that all has been said, and waits for the word that the result is stored: only then the record goes. A channel
 *   that dies instead leaves the record for a probe. The main shell reads the control line itself then, so it keeps that open.
 * - om_cut saves the tail before the whole group is killed: with the tees gone, tail sees the end and writes.
 */
export const relay = `
om_relay() {
  om_pipe=$om_record
  mkfifo -m 600 "$om_pipe.o" "$om_pipe.e" "$om_pipe.t" 2>/dev/null || { rm -f "$om_pipe.o" "$om_pipe.e" "$om_pipe.t"; om_pipe=; return; }
  (
    trap '' TERM PIPE HUP
    umask 077
    exec tail -c ${tailBytes} <"$om_pipe.t" >"$om_pipe.tail" 2>/dev/null
  ) 3<&- 4>&- &
  om_tail=$!
  (
    trap '' TERM PIPE HUP
    exec tee "$om_pipe.t" 5>"$om_pipe.t" <"$om_pipe.o" 2>/dev/null
  ) 3<&- 4>&- &
  om_tees=$!
  (
    trap '' TERM PIPE HUP
    exec tee "$om_pipe.t" 5>"$om_pipe.t" <"$om_pipe.e" >&2 2>/dev/null
  ) 3<&- 4>&- &
  om_tees="$om_tees $!"
}
om_held() {
  om_l="-> $(cd -P "$om_home" && pwd)/\${om_pipe##*/}"
  ls -l /proc/[0-9]*/fd | grep -F -e "$om_l.o" -e "$om_l.e" | grep -q '^l-wx'
}
om_patience() {
  om_x=
  trap '[ -z "$om_x" ] || kill "$om_x"; exit' HUP
  om_n=0
  while :; do
    sleep 1 &
    om_x=$!
    wait "$om_x"
    om_n=$((om_n + 1))
    if [ "$om_n" -ge 60 ] || om_held; then
      kill -KILL \${om_tees% *} \${om_tees#* }
      exit
    fi
  done
}
om_settle() {
  trap '' USR1 USR2
  (om_patience) </dev/null >/dev/null 2>&1 3<&- 4>&- &
  om_x=$!
  wait \${om_tees% *}
  wait \${om_tees#* }
  kill -HUP "$om_x"
  wait "$om_tail"
  rm -f "$om_pipe.o" "$om_pipe.e" "$om_pipe.t"
}
om_await() {
  echo "$om_nonce end"
  echo "$om_nonce end $om_code" >&4
  while IFS= read -r om_line <&3; do
    case $om_line in
      DONE)
        rm -f "$om_record" "$om_record.tail"
        return;;
      KILL) return;;
    esac
  done
}
om_cut() {
  kill -KILL \${om_tees% *} \${om_tees#* }
  sleep 0.1 || sleep 1
  rm -f "$om_pipe.o" "$om_pipe.e" "$om_pipe.t"
}
`;
