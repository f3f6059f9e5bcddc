#!/bin/sh
# OManager audit: `on` tells auditd to note every program that a login starts, and prints where its log is; `off` takes that back;
# `status` tells. Idempotent.
root=@ROOT@
file=$root/etc/audit/rules.d/60-omanager-audit.rules key=omanager-execve

rules() {
  case $(uname -m) in *64* | s390x) one b64 ;; esac
  # Programs of 32 bits.
  case $(uname -m) in x86_64 | i?86 | arm*) one b32 ;; esac
}
one() {
  for who in '-F auid>=1000 -F auid!=4294967295' '-F auid=0'; do
    printf -- '-a always,exit -F arch=%s -S execve,execveat %s -k %s\n' "$1" "$who" $key
  done
}
load() {
  [ -z "$root" ] || return 0
  # Where no rule of others begins with -D, those that are loaded would stay.
  auditctl -D -k $key >/dev/null 2>&1
  augenrules --load >/dev/null 2>&1
}
loaded() { [ -z "$root" ] && auditctl -l 2>/dev/null | grep -c "key=$key"; }
log() {
  found=$(sed -n 's/^ *log_file *= *\(\/[A-Za-z0-9._\/-]*\) *$/\1/p' "$root/etc/audit/auditd.conf" 2>/dev/null | tail -n 1)
  printf '%s\n' "$root${found:-/var/log/audit/audit.log}"
}

case ${1-} in
  on)
    log
    if [ ! -d "$root/etc/audit/rules.d" ] || { [ -z "$root" ] && ! command -v augenrules >/dev/null 2>&1; }; then
      echo 'auditd is not installed on this server: programs are not seen by it; install it and then this agent again' >&2
      exit 0
    fi
    # Rules that are loaded anew look in the audit as if somebody had taken them away for a moment.
    if [ "$(cat "$file" 2>/dev/null)" = "$(rules)" ]; then
      [ "$(loaded)" != "$(rules | grep -c .)" ] || exit 0
    else
      rules >"$file.om-new" && chmod 640 "$file.om-new" && mv -f "$file.om-new" "$file" || exit
    fi
    load || echo 'the rules of auditd could not be loaded now: they count after the next start' >&2
    ;;
  off)
    [ -f "$file" ] || exit 0
    rm -f "$file" || exit
    load || echo 'the rules of auditd could not be unloaded now: they end with the next start' >&2
    ;;
  status)
    if [ -f "$file" ]; then echo "auditd: $file, rules that are loaded: $(loaded || echo 0)"; else echo 'auditd: not used'; fi
    ;;
  *) echo "usage: $0 on|off|status" >&2; exit 2 ;;
esac
