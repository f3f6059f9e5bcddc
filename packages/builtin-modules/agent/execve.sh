# What the kernel saw run, from auditd's log: read only while nothing else waits. What is not read yet stays with auditd.

# A forwarder that was started from somebody's session is none of theirs: what it runs itself is no event.
leave_session() {
  read_at=0 own_session=
  [ -n "$execve_log" ] || return 0
  { echo 4294967295 >/proc/self/loginuid; } 2>/dev/null
  get /proc/self/sessionid ''
  [ "$got" = 4294967295 ] || own_session=$got
}

# A file of the log by its first record, which a copy keeps and a new one of the same inode does not; in $id.
name_of() {
  id=
  IFS= read -r got <"$1" || return 0
  case $got in
    *type=*' msg=audit('*)
      id=${got%% msg=audit(*} got=${got#*msg=audit(}
      id=${id##*type=}:${got%%)*}
      ;;
  esac
  case $id in '' | *[!A-Z0-9_.:]*) id=unknown ;; esac
}

# The files from the one that is named `$1` on, oldest first, in $files; without it, those that are newer than it can be, and fails.
files_from() {
  files=$execve_log n=0 file=$execve_log
  while name_of "$file"; [ "$id" != "$1" ]; do
    n=$((n + 1))
    file=$execve_log.$n
    [ -f "$file" ] && [ $n -lt 100 ] || return 1
    files="$file
$files"
  done
}

executed() {
  [ -n "$execve_log" ] && [ $((clock - read_at)) -ge 2 ] && [ -r "$execve_log" ] || return 0
  # What people typed goes first, and while the server is away only a part of the spool is for this.
  [ "$next" = "$acked" ] || [ -n "$why" ] || return 0
  read_at=$clock
  if [ ! -f "$state/position" ]; then
    # From now on; `-` is the beginning of the log.
    name_of "$execve_log"
    size=$(wc -c <"$execve_log")
    put "$state/position" "${id:--} $([ -n "$id" ] && echo $((size)) || echo 0) -"
    return
  fi
  get "$state/position" ''
  # shellcheck disable=SC2086
  set -- $got
  from_id=${1-} from=${2-} before=${3-}
  case $from in '' | *[!0-9]*) from_id=damaged from=0 ;; esac
  if [ "$from_id" = - ]; then files=$execve_log
  elif ! files_from "$from_id"; then gone; return 0
  fi
  first=${files%%"
"*}
  size=$(wc -c <"$first")
  # Somebody cut it. What is left was read.
  if [ $((size)) -lt "$from" ]; then gone $((size)); return 0; fi
  # Nothing new.
  [ $((size)) -gt "$from" ] || [ "$files" != "$execve_log" ] || return 0
  if [ "$next" != "$acked" ]; then
    held=$(du -sk "$state/queue" | cut -f1)
    of_these=$(find "$state/queue" -name execve -exec dirname {} \; | xargs -r du -ck | tail -n 1 | cut -f1)
    [ "$held" -lt $((spool_mib * 1024)) ] && [ "${of_these:-0}" -lt $((spool_mib * 256)) ] || return 0
  fi
  room=$most_read
  : >"$state/log.part"
  while IFS= read -r file; do
    name_of "$file"
    # Nothing in it yet.
    [ -n "$id" ] || continue
    printf '\001%s %s\n' "$id" "$from" >>"$state/log.part"
    tail -c +$((from + 1)) "$file" | head -c "$room" >"$state/log.bytes"
    got=$(wc -c <"$state/log.bytes")
    room=$((room - got)) from=0
    tr '\000\001' '??' <"$state/log.bytes" >>"$state/log.part"
    echo >>"$state/log.part"
    [ $room -gt 0 ] || break
  done <<EOF
$files
EOF
  rm -f "$state/log.bytes"
  [ -s "$state/log.part" ] || return 0
  awk -v position="$state/position.next" -v now="$clock" -v hold=$hold -v full=$((room <= 0)) -v own="$own_session" -v before="${before:--}" \
    -v key=omanager-execve -v passwd=/etc/passwd -f "$lib/text.awk" -f "$lib/execve.awk" "$state/log.part" >"$state/executed" || return 1
  rm -f "$state/log.part"
  get "$state/position.next" ''
  [ -n "$got" ] || return 1
  commit '' "$got" <"$state/executed"
  # More lies there.
  [ $room -gt 0 ] || read_at=0
}

# The file that was read last is there no more: what was left in it is lost, and what came after it is read from the beginning,
# or from offset `$1`.
gone() {
  oldest=${files%%"
"*}
  # Nobody knows how far it was read: from now on.
  if [ "$from_id" = damaged ]; then
    oldest=$execve_log
    set -- $(($(wc -c <"$execve_log")))
  fi
  name_of "$oldest"
  lost='an unknown number of audit records'
  was=${before##*:} is=${id##*:}
  case $was$is in
    *[!0-9]*) ;;
    *) [ "${was:-0}" -ge "${is:-0}" ] || lost="at most $((is - was - 1)) audit events" ;;
  esac
  printf 'dropped\t%s\t0\troot\troot\t\t\t\t\t\t\t\t\t\t%s\n' "$(now_ms)" "execve: $lost were rotated away before they were read" >"$state/own"
  say "the audit log was rotated away before it was read: $lost"
  commit '' "${id:--} ${1-0} -" <"$state/own"
}

# What the kernel could not hand to auditd, by its own count.
tell_kernel_lost() {
  [ -n "$execve_log" ] || return 0
  lost=$(auditctl -s 2>/dev/null | sed -n 's/^lost \([0-9]\{1,10\}\)$/\1/p')
  [ -n "$lost" ] || return 0
  get "$state/kernel_lost" "$lost"
  [ "$lost" -le "$got" ] || own dropped "execve: $((lost - got)) audit records were lost in the kernel (its backlog was full)"
  put "$state/kernel_lost" "$lost"
}
