# OManager audit: notes each command of an interactive zsh. Only builtins: no process is started at a prompt.
# docs/agent.md says how, and what it cannot see.
[[ -o interactive && ${__om_pid-} != $$ && -d @SPOOL@/in ]] || return 0

typeset -g __om_pid=$$ __om_number=0 __om_open= __om_source=${${SSH_CONNECTION-}%% *} __om_login= __om_tty=${${TTY-}#/dev/}
zmodload -F zsh/datetime p:EPOCHREALTIME 2>/dev/null

__om_now() {
  emulate -L zsh
  local now=${EPOCHREALTIME-}
  [[ -n $now ]] || now=${(%):-%D{%s}}.000
  typeset -g __om_ms=${now%%[.,]*}${${${now#*[.,]}:0:3}:-000}
}

# kind, text
__om_write() {
  emulate -L zsh
  setopt no_multibyte
  local text=${2[1,65536]} dir=$PWD mask=
  text=${text//$'\n'/$'\035'} dir=${dir//$'\n'/$'\035'}
  text=${text//$'\t'/$'\036'} dir=${dir//$'\t'/$'\036'}
  {
    # What others can write is not believed.
    umask 1<>$__om_tmp && IFS= read -r mask <$__om_tmp
    umask 077
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\tzsh\t%s\t%s\n' $1 $__om_number $__om_ms "${USER-}" "$__om_login" \
      "$__om_tty" "$__om_source" "$dir" "${OM_SESSION-${OM_RUN-${LC_OM_SESSION-}}}" "$text" >>$__om_file
    umask ${mask:-077}
  } 2>/dev/null
}

# `$1` is the line as it was typed, also one that the history ignores; empty only where there is no history.
__om_preexec() {
  emulate -L zsh
  [[ $ZSH_SUBSHELL == 0 ]] || return 0
  typeset -g __om_number=$((__om_number + 1)) __om_open=1
  __om_now
  __om_write B "${1:-$3}"
}

__om_precmd() {
  local code=$?
  emulate -L zsh
  if [[ -n $__om_open ]]; then
    typeset -g __om_open=
    __om_now
    __om_write E $code
  fi
  return $code
}

__om_start() {
  emulate -L zsh
  __om_now
  typeset -g __om_session=$$-$__om_ms-$RANDOM
  typeset -g __om_file=@SPOOL@/in/$__om_session.om __om_tmp=@SPOOL@/tmp/$__om_session.$RANDOM
  { IFS= read -r __om_login </proc/self/loginuid } 2>/dev/null
  [[ -n $__om_login && $__om_login != 4294967295 ]] || typeset -g __om_login=${SUDO_USER-${LOGNAME-}}
  # Nobody else may read what stands in it: the one process of a shell's start.
  (umask 077 && : >|$__om_tmp) 2>/dev/null
}
__om_start

typeset -ga preexec_functions precmd_functions
preexec_functions=(__om_preexec $preexec_functions)
precmd_functions=(__om_precmd $precmd_functions)
