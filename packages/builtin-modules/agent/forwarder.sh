#!/bin/sh
# OManager audit: the forwarder. Runs as root, takes what the shells noted, gives it a sequence, and sends it to OMServer.
# docs/agent.md says what travels. `run` stays; `ensure` starts it where it does not run; `status` tells.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077
unset QUOTING_STYLE OM_RUN OM_MARK OM_SESSION LC_OM_SESSION
etc=@ETC@
spool=@SPOOL@
lib=@LIB@
state=$spool/state
# Set by agent.conf.
url='' host='' key='' spool_mib=64 execve_log=''
. "$etc/agent.conf" || exit 1

most_taken=500
hold=5 # seconds that a command may run before it is sent without an exit code, and that audit records of one event may be apart
most_read=2097152 # bytes of the audit log at once
most_records=1000 most_bytes=700000 most_file=16777216 most_line=262144
heartbeat=60

say() {
  printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$state/log"
  logger -t omanager-audit -- "$*" 2>/dev/null
  [ "$(wc -c <"$state/log")" -lt 262144 ] || mv -f "$state/log" "$state/log.1"
}

put() { # file, content: whole or not at all
  printf '%s\n' "$2" >"$1.new" && mv -f "$1.new" "$1"
}

get() { # file, default
  got=$2
  [ ! -f "$1" ] || IFS= read -r got <"$1" || got=$2
}

uuid() { cat /proc/sys/kernel/random/uuid 2>/dev/null || od -An -N16 -tx1 /dev/urandom | tr -d ' \n' | sed 's/^\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.\{12\}\).*/\1-\2-4\3-8\4-\5/'; }

running() { # sets $pid: that of the forwarder that runs
  get "${1-$state/pid}" ''
  pid=${got%% *}
  [ -n "$pid" ] && [ -r "/proc/$pid/stat" ] && [ "$(born "$pid")" = "${got##* }" ]
}
# One at a time, also when two begin at once beside what a dead one has left.
lock() {
  printf '%s %s\n' $$ "$(born $$)" >"$state/pid.$$"
  for _ in 1 2 3 4 5; do
    if ln "$state/pid.$$" "$state/pid" 2>/dev/null; then
      rm -f "$state"/pid.*
      return 0
    fi
    ! running || break
    mv "$state/pid" "$state/pid.was.$$" 2>/dev/null || continue
    # Somebody was faster: what was moved is theirs.
    if running "$state/pid.was.$$"; then
      ln "$state/pid.was.$$" "$state/pid" 2>/dev/null
      break
    fi
  done
  rm -f "$state/pid.$$" "$state/pid.was.$$"
  return 1
}
# When a process began; nothing for one that is dead.
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" && $1 != "X" { print $20 }'; }

# Where the queue ends, in $next; how much it holds, in $held (KiB).
look() {
  get "$state/acked" 1
  acked=$got next=$got
  for entry in "$state"/queue/*-*; do
    [ -d "$entry" ] || continue
    [ ! -f "$entry/position" ] || mv -f "$entry/position" "$state/position"
    name=${entry##*/}
    first=${name%-*} count=${name#*-}
    first=${first#"${first%%[!0]*}"}
    if [ $((first + count)) -le "$acked" ]; then rm -rf "$entry"; continue; fi
    # What it was made of is in it.
    if [ -f "$entry/files" ]; then
      while IFS= read -r file; do rm -f "${state:?}/stage/$file"; done <"$entry/files"
      rm -f "$entry/files"
    fi
    next=$((first + count))
  done
}

# One new entry of the queue from lines on standard input; `$1`: the files that are in it; `$2`: where auditd's log is read on
# behind it, which counts from the moment at which the entry is there.
commit() {
  rm -rf "$state/making"
  mkdir "$state/making" && cat >"$state/making/lines" || return 1
  count=$(wc -l <"$state/making/lines")
  count=$((count))
  printf '%s' "$1" >"$state/making/files"
  [ -z "${2-}" ] || printf '%s\n' "$2" >"$state/making/position" || return 1
  if [ "$count" = 0 ]; then
    [ -z "${2-}" ] || mv -f "$state/making/position" "$state/position"
    while IFS= read -r file; do rm -f "${state:?}/stage/$file"; done <"$state/making/files"
    return 0
  fi
  entry=$state/queue/$(printf '%016d' "$next")-$count
  sync "$state/making/lines" "$state/making/position" 2>/dev/null
  [ -z "${2-}" ] || : >"$state/making/execve"
  mv "$state/making" "$entry" || return 1
  sync -f "$state/queue" 2>/dev/null
  [ -z "${2-}" ] || mv -f "$entry/position" "$state/position"
  while IFS= read -r file; do rm -f "${state:?}/stage/$file"; done <"$entry/files"
  rm -f "$entry/files"
  next=$((next + count))
}

now_ms() { echo "$(date +%s)000"; }

# A record of the forwarder's own: kind, text
own() {
  printf '%s\t%s\t0\troot\troot\t\t\t\t\t\t\t\t\t\t%s\n' "$1" "$(now_ms)" "$2" >"$state/own"
  commit '' <"$state/own"
}

# Takes what the shells wrote out of the folder in which they write: from now on no name in it is theirs. What else lies there is
# not looked at, so that nobody can keep the forwarder busy with it: `sweep` takes it away.
collect() {
  taken=0
  for path in "$spool"/in/[0-9]*-[0-9]*-[0-9]*.om; do
    name=${path##*/}
    case $name in *[!0-9.om-]* | *-*-*-*) continue ;; esac
    if [ ! -L "$path" ]; then
      # Folders are not gone into: whoever made one can change it meanwhile, so that it leads elsewhere.
      [ -e "$path" ] && [ ! -d "$path" ] || continue
    fi
    staged=$state/stage/$name.$stamp.$round
    mv -- "$path" "$staged" || continue
    taken=$((taken + 1))
    [ -f "$staged" ] && [ ! -L "$staged" ] || doubt
    [ "$taken" -lt $most_taken ] || break
  done
}

# An empty file stands for what is no plain one: where a link leads is a text of its user, who could write into it what `ls` says
# of other files.
doubt() {
  uid=$(ls -ldn "$staged" | { read -r _ _ uid _ && echo "$uid"; })
  rm -f "$staged" && printf '' >"$staged" && chown "$uid" "$staged"
}

# Every staged file, as `F uid user file` and its lines, each after `=`. Only plain files with one name, that
# nobody else may write. An empty one is told as well: who floods the spool with them keeps others waiting.
stream() {
  total=0
  ls -ln "$state/stage" | while read -r mode links uid _ size rest; do
    case $mode in total | d*) continue ;; esac
    file=${rest##* }
    case $file in '' | *[!0-9.om-]*) continue ;; esac
    case $mode in
      -????-??-*) [ "$links" = 1 ] && [ "$size" -gt 0 ] && [ "$size" -le $most_file ] && ok=1 || ok= ;;
      *) ok= ;;
    esac
    if [ -z "$ok" ]; then
      printf 'X\t%s\t%s\t%s\n' "$uid" "$(user_of "$uid")" "$file"
      continue
    fi
    # An entry of the queue stays small, so that the bound of the spool holds.
    [ "$total" -lt 2097152 ] || break
    total=$((total + size))
    printf 'F\t%s\t%s\t%s\n' "$uid" "$(user_of "$uid")" "$file"
    # Backslashes first; then the bytes by which the hook says line feed and tab.
    # No further than it was looked at: its user may still write.
    head -c "$size" "$state/stage/$file" | tr -d '\000' | sed "s/\\\\/\\\\\\\\/g; s/$gs/\\\\n/g; s/$rs/\\\\t/g; s/$cr/\\\\r/g; s/^/=/"
    echo
  done
}

user_of() {
  name=$(awk -F: -v uid="$1" '$3 == uid { print $1; exit }' /etc/passwd)
  [ -n "$name" ] || name=$(id -un -- "$1" 2>/dev/null)
  printf '%s' "$name"
}

# From that stream: records to standard output, names of the files that are in them to `$1`. A session whose last command is
# younger than $hold waits for its end.
records() {
  : >"$1"
  awk -v out="$1" -v now="$(date +%s)" -v hold=$hold -v longest=$most_line -v passwd=/etc/passwd -v inbox="$spool/in" -f "$lib/text.awk" -f "$lib/records.awk"
}

consume() {
  set -- "$state"/stage/*
  [ -e "$1" ] || [ -L "$1" ] || return 0
  held=$(du -sk "$state/queue" | cut -f1)
  stream >"$state/stream" || return 1
  records "$state/consumed" <"$state/stream" >"$state/records" || return 1
  [ -s "$state/consumed" ] || return 0
  files=$(cat "$state/consumed")
  if [ "$held" -ge $((spool_mib * 1024)) ]; then
    # What came first stays: the beginning of an intrusion is not pushed out by a flood. How many were lost is said later.
    get "$state/lost" 0
    lines=$(grep -c . "$state/records")
    put "$state/lost" $((got + lines))
    [ "$got" != 0 ] || say "the spool of $spool_mib MiB is full: new records are dropped"
    commit "$files
" </dev/null
    return
  fi
  commit "$files
" <"$state/records"
}

# Once there is room again. Killed between the two, it is told twice: too many rather than too few.
tell_lost() {
  get "$state/lost" 0
  [ "$got" != 0 ] || return 0
  lost=$got
  own dropped "$lost spool full" && put "$state/lost" 0
}
