#!/bin/sh
# OManager audit: `on` puts the lines by which shells find the hooks where they read them, `off` takes them away. Idempotent.
root=@ROOT@
lib=@LIB@
begin='# >>> omanager-audit' end='# <<< omanager-audit'

# The file without our block, on standard output.
without() { sed "/^$begin/,/^$end/d" "$1"; }

# file, line
block_on() {
  [ -f "$1" ] || return 0
  [ "$(sed -n "/^$begin/,/^$end/p" "$1")" != "$begin
$2
$end" ] || return 0
  { without "$1" && printf '%s\n%s\n%s\n' "$begin" "$2" "$end"; } | replace "$1"
}
block_off() {
  [ -f "$1" ] && grep -q "^$begin" "$1" || return 0
  without "$1" | replace "$1"
}
# In one step, owner and mode as they were.
replace() { cp -p "$1" "$1.om-new" && cat >"$1.om-new" && mv -f "$1.om-new" "$1"; }

bash_line="[ -z \"\${BASH_VERSION-}\" ] || [ ! -r $lib/hook.bash ] || . $lib/hook.bash"
zsh_line="[ ! -r $lib/hook.zsh ] || . $lib/hook.zsh"
profile=$root/etc/profile.d/zz-omanager-audit.sh
shells=' @SHELLS@ '

case ${1-} in
  on)
    case $shells in *' bash '*)
      if [ -d "$root/etc/profile.d" ] && [ "$(cat "$profile" 2>/dev/null)" != "$bash_line" ]; then
        printf '%s\n' "$bash_line" >"$profile.om-new" && chmod 644 "$profile.om-new" && mv -f "$profile.om-new" "$profile"
      fi
      for file in /etc/bash.bashrc /etc/bashrc; do block_on "$root$file" "$bash_line"; done ;;
    esac
    case $shells in *' zsh '*)
      for file in /etc/zsh/zshrc /etc/zshrc; do block_on "$root$file" "$zsh_line"; done ;;
    esac
    ;;
  off)
    rm -f "$profile"
    for file in /etc/bash.bashrc /etc/bashrc /etc/zsh/zshrc /etc/zshrc; do block_off "$root$file"; done
    ;;
  *) echo "usage: $0 on|off" >&2; exit 2 ;;
esac
