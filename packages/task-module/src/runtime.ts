import { relay } from './relay.ts';

/**
 * The part of the wrapper that travels ahead of every body, in plain POSIX sh. It starts the body in the background with an empty
 * stdin, obeys the control line (the channel's open stdin, handed over as descriptor 3), and leaves a record on the host.
 *
 * Variables set before it: om_nonce, om_record, om_timeout and om_grace (seconds), om_hangup (end the body with the channel), om_sudo, om_files, om_wantdir, om_body.
 * Forks on the normal path: the body and the reader of the control line. Everything else is built into the shell. `relayed` puts the
 * relay of relay.ts between body and channel, which costs seven more.
 *
 * - Whom to signal: 0 (the own process group) where sshd made this shell the leader, or sudo did or is the leader; otherwise (an SSH server
 *   that starts commands in its own group) only the body, or a TERM would end that server.
 * - The reader starts the timer when the engine says TIMER or when the control line ends, because a sleeping child costs a fork and an exec
 *   a host. The timer naps a second at a time, so that it is gone soon after the main shell; it holds no stream open, hence
 *   the main shell says `timeout` for it.
 *   In a subshell, since dash would keep copies of the redirected streams for a function and so hold the channel open.
 * - The main shell ignores TERM from when the body is started (so the body does not), and PIPE, since nobody may be left to hear `timeout`.
 *   Nothing but a stop interrupts its `wait`:
 *   bash loses the status of a child that ends in the moment a trap interrupts `wait`, and hangs when asked again.
 *   After a stop 143 stands for a lost status.
 * - Records stay for a week and the ends of outputs for a day, unless a probe has told them. Now and then an execution sweeps.
 * - Whoever asked for a stop kills after its grace time: the engine by the control line, om_last a second later if the channel has died since,
 *   and the timer.
 *   After a TERM the body may be gone while its background children ignore it: om_drain waits for the group or for that kill.
 *   What the wrapper itself has running in the group does not count: children of the main shell (its body is gone by then), the reader, the timer and its nap.
 * - zsh forgets ignored signals in a background function and would run the body at a lower priority. ksh reports a signal as 256 + its number. In /proc/PID/stat the name may hold spaces, hence the cut at the last `) `.
 */
const body = (output: string): string => `(
  unset om_nonce
  eval "$om_body"
) </dev/null ${output}3<&- 4>&- &
`;

const source = (relayed: boolean): string => `
set +aeu
[ -z "$ZSH_VERSION" ] || unsetopt bg_nice
IFS=' \t\n'
om_nap() {
  om_n=$1
  while [ "$om_n" -gt 0 ]; do
    sleep 1
    kill -0 $$ || exit
    om_n=$((om_n - 1))
  done
}
om_timer() {
  trap '' TERM
  om_nap "$om_timeout"
  kill -USR2 $$
  kill -TERM "$om_group"
  om_nap "$om_grace"
  om_kill
}
om_last() {
  trap '' TERM
  om_nap $((om_grace + 1))
  om_kill
}
om_read() {
  trap '' TERM
  om_armed=
  while IFS= read -r om_line; do
    case $om_line in
      GRACE*) om_grace=\${om_line#GRACE};;
      TERM)
        kill -USR1 $$
        kill -TERM "$om_group"
        om_last </dev/null &;;
      KILL) om_kill;;
      TIMER)
        [ -n "$om_armed" ] || om_timer </dev/null &
        om_armed=1;;
    esac
  done
  if [ -n "$om_hangup" ]; then
    kill -USR1 $$
    kill -TERM "$om_group"
    om_last </dev/null &
  fi
  [ -n "$om_armed" ] || om_timer </dev/null &
  wait
}
om_clean() {
  [ -z "$om_dir" ] || rm -rf "$om_dir"
  [ -z "$om_files" ] || rm -rf "$om_files"
}
om_kill() {
  [ -z "$om_record" ] || echo 137 >>"$om_record"
${relayed ? '[ -z "$om_tees" ] || om_cut\n' : ''}  om_clean
  kill -KILL "$om_group"
}
om_parent() {
  { read -r om_l <"/proc/$1/stat"; } 2>/dev/null || return
  om_l=\${om_l##*") "}
  om_l=\${om_l#* }
  om_parent=\${om_l%% *}
}
om_others() {
  for om_p in $(grep -lsE "[)] [^Z] [0-9]+ $om_pg [-0-9 ]*$" /proc/[0-9]*/stat); do
    om_p=\${om_p#/proc/}
    om_p=\${om_p%/stat}
    case $om_p in $$ | "$om_reader" | "$om_pg") continue;; esac
    om_parent "$om_p" || continue
    case $om_parent in $$ | "$om_reader") continue;; esac
    om_parent "$om_parent" && [ "$om_parent" = "$om_reader" ] && continue
    return 0
  done
  return 1
}
om_drain() {
  om_n=1
  while om_others; do
    sleep "0.$om_n" || sleep 1
    [ "$om_n" -gt 4 ] || om_n=$((om_n * 2))
  done
}
${relayed ? relay : ''}unset om_s om_pg om_group om_dir om_stop om_pipe om_tees
exec 3<&0 4>&2 </dev/null
{
  read -r om_boot </proc/sys/kernel/random/boot_id
  read -r om_x om_x om_x om_x om_pg om_x om_x om_x om_x om_x om_x om_x om_x om_x om_x om_x om_x om_x om_x om_x om_x om_start om_x </proc/$$/stat
} 2>/dev/null
if [ -z "$om_pg" ] || [ "$om_pg" = $$ ] || { [ -n "$om_sudo" ] && [ "$om_pg" = "$PPID" ]; }; then om_group=0; fi
if [ -n "$om_record" ] && [ -d "$HOME" ]; then
  om_home=$HOME/.omanager/run
  [ -d "$om_home" ] || (umask 077; mkdir -p "$om_home") 2>/dev/null
  om_record=$om_home/$om_record
  om_x=-
  [ -z "$om_group" ] || om_x=$om_pg
  { [ -O "$om_home" ] && echo "\${om_boot:--} $$ \${om_start:--} $om_x $OM_MARK $om_frame" >"$om_record"; } 2>/dev/null || om_record=
else
  om_record=
fi
unset om_frame
if [ -n "$om_wantdir" ]; then
  om_dir=$(umask 077; mktemp -d "\${TMPDIR:-/tmp}/om.XXXXXXXX") || { echo "omanager: no private folder could be made in \${TMPDIR:-/tmp}, nothing was run" >&2; exit 96; }
fi
${relayed ? '[ -z "$om_record" ] || om_relay\n' : ''}echo "$om_nonce start $$ $om_boot $om_start" >&4
${relayed ? `if [ -n "$om_pipe" ]; then\n${body('>"$om_pipe.o" 2>"$om_pipe.e" ')}else\n${body('')}fi\n` : body('')}om_pid=$!
[ -n "$om_group" ] || om_group=$om_pid
trap '' TERM PIPE
trap 'om_stop=1; om_hit=1' USR1
trap 'om_stop=1; om_hit=1; echo "$om_nonce timeout" >&4' USR2
(om_read) <&3 3<&- >/dev/null 2>&1 4>&- &
om_reader=$!
${relayed ? '[ -n "$om_tees" ] || exec 3<&-' : 'exec 3<&-'}
if [ -n "$om_record" ] && [ $(($$ % ${relayed ? 8 : 64})) -eq 0 ]; then
  find "$om_home" ! -type d \\( -mtime +7 -o -name '*.tail' -mtime +0 -o -name '*.got*' -mmin +60 \\) -exec rm -f {} + >/dev/null 2>&1 3<&- 4>&- &
fi
{
  while :; do
    om_hit=
    wait "$om_pid"
    om_code=$?
    kill -0 "$om_pid" && continue
    [ -n "$om_hit" ] || break
    if [ -n "$BASH_VERSION" ]; then om_code=143; else wait "$om_pid"; om_code=$?; fi
    [ "$om_code" -ne 127 ] || om_code=143
    break
  done
  [ "$om_code" -le 256 ] || om_code=$((om_code - 128))
  [ -z "$om_record" ] || echo "$om_code" >>"$om_record"
  [ -z "$om_stop" ] || [ "$om_group" != 0 ] || [ -z "$om_pg" ] || om_drain
${relayed ? '[ -z "$om_tees" ] || om_settle\n' : ''}  om_clean
  kill -KILL "$om_reader"
${relayed ? '[ -z "$om_tees" ] || [ -n "$om_stop" ] || om_await\n' : ''}  exit "$om_code"
} 2>/dev/null
`;

/** Without indentation: it travels with every execution. */
const unindented = (text: string): string => text.replaceAll(/^ +/gm, '');

export const runtime = { direct: unindented(source(false)), relayed: unindented(source(true)) };
