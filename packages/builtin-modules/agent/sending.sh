# The second half of the forwarder: batches, their signature, sending, and the round that never ends.

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
        why='' wait=0 limit=$most_records
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
          # Told soon.
          last=0
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

# How the forwarder does, for its heartbeat.
told() {
  get "$state/lost" 0
  lost=$got
  get "$lib/version" unknown
  echo "version=$got waiting=$((next - acked)) kib=$(du -sk "$state/queue" | cut -f1) bound=$((spool_mib * 1024)) lost=$lost offset=$offset"
}

# The lines by which shells find the hooks: also after an upgrade has put a file of its own in their place.
hooks() { [ ! -x "$lib/hooks" ] || "$lib/hooks" on; }

sweep() { # what dead shells left, and what is of no shell
  # While a shell lives nobody else may take the name that it writes to. Those names hold nothing that xargs would part them by.
  find "$spool/tmp" -mindepth 1 -maxdepth 1 ! -type d -mmin +1440 -name '[0-9]*-*' ! -name '*[!0-9.-]*' 2>/dev/null |
    while IFS= read -r path; do
      name=${path##*/}
      [ -d "/proc/${name%%-*}" ] || printf '%s\n' "$path"
    done | xargs rm -f
  find "$spool/tmp" -mindepth 1 -maxdepth 1 ! -type d -mmin +1440 \( ! -name '[0-9]*-*' -o -name '*[!0-9.-]*' \) -exec rm -f {} + 2>/dev/null
  find "$spool/in" -mindepth 1 -maxdepth 1 ! -type d \( ! -name '[0-9]*-[0-9]*-[0-9]*.om' -o -name '*[!0-9.om-]*' -o -name '*-*-*-*' \) \
    -exec rm -f {} + 2>/dev/null
  find "$spool/in" -mindepth 1 -maxdepth 1 -type d -exec rmdir {} + 2>/dev/null
}

run() {
  mkdir -p "$state/queue" "$state/stage"
  lock || exit 0
  [ -s "$state/boot" ] || { uuid >"$state/boot.new" && mv "$state/boot.new" "$state/boot"; }
  get "$state/boot" ''
  boot=$got
  gs=$(printf '\035') rs=$(printf '\036') cr=$(printf '\r')
  offset=0 wait=0 not_before=0 limit=$most_records why='' last=0 round=1000000 swept=0 pause=0.5 seen=0
  sleep 0.01 2>/dev/null || pause=1
  stamp=$(date +%s)
  trap 'rm -f "$state/pid"; exit 0' TERM INT
  leave_session
  # Links that an earlier version has taken.
  find "$state/stage" ! -type f ! -type d -exec rm -f {} +
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
    # Not while the server is away: what it tells would be old.
    if [ $((clock - last)) -ge $heartbeat ] && { [ "$next" = "$acked" ] || [ -z "$why" ]; }; then
      last=$clock
      tell_kernel_lost
      own heartbeat "$(told)"
    fi
    [ "$next" = "$acked" ] || send
    executed
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
    [ -z "$execve_log" ] || echo "execve: reads $execve_log$([ -r "$execve_log" ] || echo ', which is not there')"
    tail -n 5 "$state/log" 2>/dev/null
    running
    ;;
  *) echo "usage: $0 run|ensure|stop|status" >&2; exit 2 ;;
esac
