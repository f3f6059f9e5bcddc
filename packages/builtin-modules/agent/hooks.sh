#!/bin/sh
# OManager audit: `on` puts the lines by which shells find the hooks where they read them, `off` takes them away. Idempotent.
root=@ROOT@
lib=@LIB@
begin='# >>> omanager-audit' end='# <<< omanager-audit' cut=' (the line before had no end)'

# The file without our three lines, on standard output, whatever became of them; it ends with a line end.
without() {
  awk -v begin="$begin" -v end="$end" '
    index($0, begin) == 1 { ours = 1; next }
    ours == 1 { ours = 2; if (index($0, "omanager-audit/hook.")) next }
    ours && $0 == end { ours = 0; next }
    { print }' "$1"
}
# As it was before us: also one whose last line had no end.
before() {
  if [ "$(sed -n "/^$begin/p" "$1")" = "$begin$cut" ] && [ "$(tail -n 1 "$1")" = "$end" ]; then
    text=$(without "$1"; echo x)
    text=${text%x}
    printf %s "${text%?}"
  else without "$1"; fi
}

# file, line
block_on() {
  [ -f "$1" ] || return 0
  case $(sed -n "/^$begin/,/^$end/p" "$1") in
    "$begin
$2
$end" | "$begin$cut
$2
$end") return 0 ;;
  esac
  block_off "$1"
  [ -z "$(tail -c 1 "$1")" ] && mark=$begin || mark=$begin$cut
  { without "$1" && printf '%s\n%s\n%s\n' "$mark" "$2" "$end"; } | replace "$1"
}
block_off() {
  [ -f "$1" ] && grep -q "^$begin" "$1" || return 0
  before "$1" | replace "$1"
}
# In one step, owner and mode as they were; a link stays one.
replace() {
  place=$(readlink -f "$1" 2>/dev/null) || place=$1
  cp -p "$place" "$place.om-new" && cat >"$place.om-new" && mv -f "$place.om-new" "$place"
}

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
