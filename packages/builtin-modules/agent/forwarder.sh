#!/bin/sh
# OManager audit: the forwarder. Runs as root, takes what the shells noted, gives it a sequence, and sends it to OMServer.
# docs/agent.md says what travels. `run` stays; `ensure` starts it where it does not run; `status` tells.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 077
unset OM_RUN OM_MARK OM_SESSION
etc=@ETC@
spool=@SPOOL@
lib=@LIB@
state=$spool/state
# Set by agent.conf.
url='' host='' key='' spool_mib=64
. "$etc/agent.conf" || exit 1

most_taken=500
hold=5 # seconds that a command may run before it is sent without an exit code
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
    name=${entry##*/}
    first=${name%-*} count=${name#*-}
    first=${first#"${first%%[!0]*}"}
    if [ $((first + count)) -le "$acked" ]; then rm -rf "$entry"; continue; fi
    # What it was made of is in it.
    if [ -f "$entry/files" ]; then
      while IFS= read -r file; do rm -rf "${state:?}/stage/$file"; done <"$entry/files"
      rm -f "$entry/files"
    fi
    next=$((first + count))
  done
}

# One new entry of the queue from lines on standard input; `$1`: the files that are in it.
commit() {
  rm -rf "$state/making"
  mkdir "$state/making" && cat >"$state/making/lines" || return 1
  count=$(wc -l <"$state/making/lines")
  count=$((count))
  printf '%s' "$1" >"$state/making/files"
  if [ "$count" = 0 ]; then
    while IFS= read -r file; do rm -rf "${state:?}/stage/$file"; done <"$state/making/files"
    return 0
  fi
  entry=$state/queue/$(printf '%016d' "$next")-$count
  sync "$state/making/lines" 2>/dev/null
  mv "$state/making" "$entry" || return 1
  sync -f "$state/queue" 2>/dev/null
  while IFS= read -r file; do rm -rf "${state:?}/stage/$file"; done <"$entry/files"
  rm -f "$entry/files"
  next=$((next + count))
}

now_ms() { echo "$(date +%s)000"; }

# A record of the forwarder's own: kind, text
own() {
  printf '%s\t%s\t0\troot\troot\t\t\t\t\t\t\t\t\t\t%s\n' "$1" "$(now_ms)" "$2" >"$state/own"
  commit '' <"$state/own"
}

# Takes what the shells wrote out of the folder in which they write: from now on no name in it is theirs.
collect() {
  taken=0
  for path in "$spool"/in/* "$spool"/in/.[!.]*; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    name=${path##*/}
    case $name in
      *[!0-9.om-]* | *-*-*-* | .* | -*) rm -rf -- "$path" ;;
      [0-9]*-[0-9]*-[0-9]*.om) mv -- "$path" "$state/stage/$name.$stamp.$round" && taken=$((taken + 1)) ;;
      *) rm -rf -- "$path" ;;
    esac
    [ "$taken" -lt $most_taken ] || break
  done
}

# Every staged file, as `F uid user file` and its lines, each after `=`. Only plain files with one name, that nobody else may write.
stream() {
  total=0
  ls -ln "$state/stage" | while read -r mode links uid _ size rest; do
    case $mode in total) continue ;; esac
    file=${rest##* }
    case $mode in
      -????-??-*) [ "$links" = 1 ] && [ "$size" -le $most_file ] && ok=1 || ok= ;;
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
    tr -d '\000' <"$state/stage/$file" | sed "s/\\\\/\\\\\\\\/g; s/$gs/\\\\n/g; s/$rs/\\\\t/g; s/$cr/\\\\r/g; s/^/=/"
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
  awk -v out="$1" -v now="$(date +%s)" -v hold=$hold -v longest=$most_line -v passwd=/etc/passwd -v inbox="$spool/in" -f "$lib/records.awk"
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

# The next batch, to $state/batch: its first sequence in $from, the number of its records in $records.
batch() {
  from=$acked records=0
  : >"$state/batch"
  for entry in "$state"/queue/*-*; do
    [ -d "$entry" ] || return 1
    name=${entry##*/}
    first=${name%-*} count=${name#*-}
    first=${first#"${first%%[!0]*}"}
    [ $((first + count)) -gt "$acked" ] || continue
    skip=$((acked > first ? acked - first : 0))
    get "$state/refused" ''
    awk -v skip="$skip" -v most="$((limit - records))" -v have="$records" -v room="$((most_bytes - $(wc -c <"$state/batch")))" \
      -v first="$first" -v refused="$got" -v now="$(now_ms)" '
      NR <= skip { next }
      NR > skip + most { exit }
      first + NR - 1 == refused { $0 = "dropped\t" now "\t0\troot\troot\t\t\t\t\t\t\t\t\t\t1 refused by the server" }
      { room -= length($0) + 1; if (room < 0 && have++) exit; have++; print }' "$entry/lines" >>"$state/batch"
    got=$(wc -l <"$state/batch")
    more=$((count - skip - got + records))
    records=$((got))
    [ $more = 0 ] && [ $records -lt "$limit" ] || break
  done
  [ $records -gt 0 ]
}

# HMAC-SHA256 from the two padded keys, which only root reads: no key is ever an argument.
sign() {
  inner=$(cat "$etc/ipad" "$state/head" "$state/batch" | sha256sum | cut -c1-64)
  octal=$(printf '%s\n' "$inner" | awk '{ for (i = 1; i < 65; i += 2) printf "\\%03o", (index("0123456789abcdef", substr($0, i, 1)) - 1) * 16 + index("0123456789abcdef", substr($0, i + 1, 1)) - 1 }')
  # shellcheck disable=SC2059
  { cat "$etc/opad"; printf "$octal"; } | sha256sum | cut -c1-64
}

post() { # sets $status, leaves the answer in $state/answer and its header in $state/header
  time=$(($(date +%s) + offset))
  printf 'om-audit-v1\n%s\n%s\n%s\n%s\n%s\n' "$host" "$key" "$time" "$boot" "$from" >"$state/head"
  signature=v1=$(sign)
  : >"$state/answer"
  : >"$state/header"
  if command -v curl >/dev/null 2>&1; then
    status=$(curl -q -sS --max-time 30 --connect-timeout 10 -o "$state/answer" -D "$state/header" -w '%{http_code}' \
      -H 'content-type: text/tab-separated-values; charset=utf-8' -H 'expect:' -H "om-host: $host" -H "om-key: $key" -H "om-time: $time" \
      -H "om-boot: $boot" -H "om-first: $from" -H "om-signature: $signature" --data-binary @"$state/batch" "$url/audit/v1/events" 2>"$state/problem")
  else
    wget -q -S -T 30 -t 1 --content-on-error -O "$state/answer" --header 'content-type: text/tab-separated-values; charset=utf-8' \
      --header "om-host: $host" --header "om-key: $key" --header "om-time: $time" --header "om-boot: $boot" --header "om-first: $from" \
      --header "om-signature: $signature" --post-file="$state/batch" "$url/audit/v1/events" 2>"$state/header"
    status=$(sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' "$state/header" | tail -n 1)
  fi
}

number_in() { head -c 65536 "$state/answer" | tr -d '\n' | sed -n 's/.*"'"$1"'" *: *\([0-9]\{1,15\}\).*/\1/p'; }

later() { # seconds at most; says why once
  [ "$why" = "$2" ] || say "$2"
  why=$2
  [ "$wait" -gt 0 ] && wait=$((wait * 2)) || wait=1
  [ "$wait" -le "$1" ] || wait=$1
  [ "$wait" -le 60 ] || wait=60
  not_before=$(($(date +%s) + wait))
}

# Sends until nothing is left or the server cannot take more.
send() {
  [ "$(date +%s)" -ge "$not_before" ] || return 0
  while batch; do
    post
    case $status in
      200)
        told=$(number_in next)
        if [ -z "$told" ]; then later 60 "the server's answer cannot be read"; return; fi
        if [ "$told" -gt "$next" ]; then
          # The server has more of this life than this spool ever had: the machine went back in time.
          say "the server knows $told records of this spool and there are only $next: it was put back; beginning a new one"
          renew
          return
        fi
        if [ "$told" -le "$acked" ]; then later 60 "the server took nothing of a batch"; return; fi
        [ -z "$why" ] || say "sending again"
        why='' wait=0 limit=$most_records last=$(date +%s)
        put "$state/acked" "$told"
        look
        ;;
      400 | 413)
        if [ "$records" -gt 1 ]; then limit=$((records / 2)); continue; fi
        say "the server refused record $from: $(head -c 300 "$state/answer" | tr -cd '[:print:]')"
        get "$state/refused" ''
        if [ "$got" = "$from" ]; then later 60 "the server refuses even the note of a refused record"; return; fi
        put "$state/refused" "$from"
        ;;
      401)
        clock=$(number_in now)
        if [ -n "$clock" ] && [ $((clock - $(date +%s))) -ne "$offset" ]; then
          offset=$((clock - $(date +%s)))
          later 60 "the clock differs from the server's by $offset s; signing by the server's"
          return
        fi
        later 60 "the server refuses the key ($status): install the agent again"
        return
        ;;
      429 | 503)
        asked=$(tr -d '\r' <"$state/header" | sed -n 's/^ *[Rr]etry-[Aa]fter: *\([0-9]\{1,4\}\)$/\1/p' | tail -n 1)
        later 60 "the server is busy ($status)"
        [ -z "$asked" ] || not_before=$(($(date +%s) + (asked < 300 ? asked : 300)))
        return
        ;;
      *)
        later 60 "the server cannot be reached (${status:-no answer})$(head -c 200 "$state/problem" 2>/dev/null | tr -cd '[:print:]' | sed 's/^/: /')"
        return
        ;;
    esac
  done
}

renew() { # a new life of the spool: everything that is left gets new numbers
  uuid >"$state/boot.new"
  cat "$state"/queue/*-*/lines >"$state/left" 2>/dev/null
  rm -rf "$state"/queue/*-*
  put "$state/acked" 1
  mv -f "$state/boot.new" "$state/boot"
  get "$state/boot" ''
  boot=$got acked=1 next=1
  commit '' <"$state/left"
  look
}

# The lines by which shells find the hooks: also after an upgrade has put a file of its own in their place.
hooks() { [ ! -x "$lib/hooks" ] || "$lib/hooks" on; }

sweep() { # what dead shells left
  find "$spool/tmp" -mindepth 1 -mmin +1440 -exec rm -rf {} + 2>/dev/null
}

run() {
  mkdir -p "$state/queue" "$state/stage"
  lock || exit 0
  [ -s "$state/boot" ] || { uuid >"$state/boot.new" && mv "$state/boot.new" "$state/boot"; }
  get "$state/boot" ''
  boot=$got
  gs=$(printf '\035') rs=$(printf '\036') cr=$(printf '\r')
  offset=0 wait=0 not_before=0 limit=$most_records why='' last=$(date +%s) round=1000000 swept=0 pause=0.5 seen=0
  sleep 0.01 2>/dev/null || pause=1
  stamp=$(date +%s)
  trap 'rm -f "$state/pid"; exit 0' TERM INT
  look
  get "$lib/version" unknown
  own started "$got"
  say "started, version $got, $url"
  while :; do
    clock=$(date +%s)
    round=$((round + 1))
    consume
    collect
    [ "$taken" = 0 ] || seen=$clock
    [ "$next" != "$acked" ] || tell_lost
    if [ $((clock - last)) -ge $heartbeat ] && [ "$next" = "$acked" ]; then
      last=$clock
      own heartbeat ''
    fi
    [ "$next" = "$acked" ] || send
    if [ $((clock - swept)) -ge 600 ]; then
      swept=$clock
      hooks
      sweep
    fi
    # Somebody types: look more often.
    if [ $((clock - seen)) -lt 60 ]; then sleep "$pause"; else sleep 1; fi
  done
}

case ${1-} in
  run) run ;;
  ensure)
    running && exit 0
    if command -v setsid >/dev/null 2>&1; then setsid "$0" run </dev/null >/dev/null 2>&1 &
    else nohup "$0" run </dev/null >/dev/null 2>&1 & fi
    ;;
  stop)
    running || exit 0
    kill "$pid"
    for _ in 1 2 3 4 5 6 7 8 9 10; do running || exit 0; sleep 1; done
    kill -9 "$pid"
    ;;
  status)
    look
    running && echo "forwarder: runs, pid $pid" || echo 'forwarder: does not run'
    get "$lib/version" unknown
    echo "version: $got"
    echo "server: $url"
    echo "waiting records: $((next - acked)), $(du -sk "$state/queue" 2>/dev/null | cut -f1) KiB of $spool_mib MiB"
    get "$state/lost" 0
    echo "dropped and not yet told: $got"
    tail -n 5 "$state/log" 2>/dev/null
    running
    ;;
  *) echo "usage: $0 run|ensure|stop|status" >&2; exit 2 ;;
esac
