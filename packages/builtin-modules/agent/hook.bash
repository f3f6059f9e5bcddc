# OManager audit: notes each command of an interactive bash, from 4.2 on. Only builtins: no process is started at a prompt.
# docs/agent.md says how, and what it cannot see.
[[ $- == *i* && ${__om_pid-} != "$$" && -d @SPOOL@/in ]] || return 0
((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 402)) || return 0

__om_pid=$$ __om_at='' __om_open='' __om_number=0 __om_hc='' __om_hi='' __om_last='' __om_kept='' __om_quiet='' __om_source=${SSH_CONNECTION-}
__om_source=${__om_source%% *}
__om_call=__om_prompt

__om_now() {
  if [[ ${EPOCHREALTIME-} ]]; then
    __om_ms=${EPOCHREALTIME//[!0-9]/}
    __om_ms=${__om_ms%???}
  else builtin printf -v __om_ms '%(%s)T000' -1; fi
}

# Who signed in (the kernel's login uid where there is one), and on which terminal.
__om_start() {
  local stat nr
  __om_now
  __om_session=$$-$__om_ms-$RANDOM
  __om_file=@SPOOL@/in/$__om_session.om __om_tmp=@SPOOL@/tmp/$__om_session.$RANDOM
  __om_login=''
  { IFS= read -r __om_login </proc/self/loginuid; } 2>/dev/null
  [[ $__om_login && $__om_login != 4294967295 ]] || __om_login=${SUDO_USER-${LOGNAME-}}
  __om_tty=''
  if { IFS= read -r stat </proc/self/stat; } 2>/dev/null; then
    stat=${stat##*) }
    IFS=' ' read -r _ _ _ _ nr _ <<<"$stat"
    case $((nr >> 8 & 4095)) in
      13[6-9] | 14[0-3]) __om_tty=pts/$(((nr & 255 | nr >> 12 & 1048320) + ((nr >> 8 & 4095) - 136) * 256)) ;;
      4) __om_tty=tty$((nr & 255)) ;;
    esac
  fi
  # Nobody else may read what stands in it: the one process of a shell's start.
  (umask 077 && : >|"$__om_tmp") 2>/dev/null
}

# kind, text
__om_write() {
  local text=${2:0:65536} dir=$PWD mask=''
  # Line feed and tab part records and fields.
  if [[ $text$dir == *[$'\n\t']* ]]; then
    text=${text//$'\n'/$'\035'} dir=${dir//$'\n'/$'\035'}
    text=${text//$'\t'/$'\036'} dir=${dir//$'\t'/$'\036'}
  fi
  {
    # What others can write is not believed. Opened by <>, which does not cut: a file that is cut goes to the disk when it is closed.
    umask 1<>"$__om_tmp" && IFS= read -r mask <"$__om_tmp"
    umask 077
    builtin printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\tbash\t%s\t%s\n' "$1" "$__om_number" "$__om_ms" "${USER-}" \
      "$__om_login" "$__om_tty" "$__om_source" "$dir" "${OM_SESSION-${OM_RUN-${LC_OM_SESSION-}}}" "$text" >>"$__om_file"
    umask "${mask:-077}"
  } 2>/dev/null
}

# The newest line of the history: its number in __om_n, its text in __om_t.
__om_history() {
  local prefix=''
  __om_n='' __om_t=''
  {
    local HISTTIMEFORMAT='' || builtin printf -v prefix "%($HISTTIMEFORMAT)T" -1
    { builtin history 1 && builtin printf '\0'; } 1<>"$__om_tmp" && IFS= read -r -d '' __om_t <"$__om_tmp"
  } 2>/dev/null
  __om_t=${__om_t%$'\n'}
  __om_t=${__om_t#"${__om_t%%[0-9]*}"}
  __om_n=${__om_t%%[!0-9]*}
  __om_t=${__om_t#"$__om_n"}
  __om_t=${__om_t:2+${#prefix}}
}

# Whether HISTCONTROL or HISTIGNORE keep the line out of the history.
__om_unwished() {
  local wish=$__om_hi pattern
  case :$__om_hc: in *:ignorespace:* | *:ignoreboth:*) [[ $__om_t != [[:blank:]]* ]] || return 0 ;; esac
  case :$__om_hc: in *:ignoredups:* | *:ignoreboth:*) [[ $__om_t != "$__om_kept" ]] || return 0 ;; esac
  while [[ $wish ]]; do
    pattern=${wish%%:*}
    [[ $wish == *:* ]] && wish=${wish#*:} || wish=''
    [[ $pattern != '&' || $__om_t != "$__om_kept" ]] || return 0
    # shellcheck disable=SC2053
    [[ ! $pattern || $__om_t != $pattern ]] || return 0
  done
  return 1
}

# A line was read and begins: once each. `$1` is its first simple command, for a line that the history does not hold.
__om_line() {
  local at=$__om_at
  __om_at=''
  __om_history
  if [[ $at == '?' ]]; then
    [[ $__om_n != "$__om_last" ]] || case $1 in '' | *__om_*) return 0 ;; *) __om_t=$1 __om_n='' ;; esac
  elif [[ $__om_n != "$at" ]]; then
    case $1 in '' | *__om_*) __om_t='(a line that the history of the shell does not hold)' ;; *) __om_t=$1 ;; esac
    __om_n=''
  fi
  __om_last=$__om_n
  # The history keeps the line, or not, as the user wishes it, now that it was read.
  if [[ $__om_hc$__om_hi ]]; then
    { builtin printf -v HISTCONTROL %s "$__om_hc"; } 2>/dev/null
    [[ ! $__om_hi ]] || { builtin printf -v HISTIGNORE %s "$__om_hi"; } 2>/dev/null
    if [[ $__om_n ]] && __om_unwished; then { builtin history -d "$__om_n"; } 2>/dev/null
    else __om_kept=$__om_t; fi
    __om_hc='' __om_hi=''
  fi
  ((__om_number += 1)) || :
  __om_open=1
  __om_now
  __om_write B "$__om_t"
}

# Before a command. `$1` is $_, which stays as it is.
__om_pre() {
  { local flags=$- IFS=$' \t\n' && set +eux; } 2>/dev/null
  if [[ $BASHPID == "$__om_pid" && -z ${BASH_SOURCE[1]-} ]]; then
    __om_quiet=1
    __om_line "$BASH_COMMAND"
    __om_stay
  fi
  case $flags in *e*) set -e ;; esac
  case $flags in *u*) set -u ;; esac
  case $flags in *x*) { set -x; } 2>/dev/null ;; esac
  : "$1"
}

__om_prompt() {
  { local code=$? flags=$- IFS=$' \t\n' left='' && set +eux; } 2>/dev/null
  if [[ $BASHPID == "$__om_pid" ]]; then
    [[ ! $__om_at ]] || __om_line ''
    if [[ $__om_open ]]; then
      __om_open=''
      __om_now
      __om_write E "$code"
    fi
    __om_stay
    # What the user does not want in the history has to be there until it was read.
    if [[ ${HISTCONTROL-} ]]; then
      __om_hc=$HISTCONTROL left=''
      case :$__om_hc: in *:erasedups:*) left=erasedups ;; esac
      { builtin printf -v HISTCONTROL %s "$left" || __om_hc=''; } 2>/dev/null
    fi
    [[ ! ${HISTIGNORE-} ]] || { __om_hi=$HISTIGNORE && builtin printf -v HISTIGNORE %s '' || __om_hi=''; } 2>/dev/null
    if [[ ! $__om_ps0 ]]; then
      __om_history
      __om_last=$__om_n __om_at='?'
    fi
    # A trap would be shown before each command while the user watches them.
    if [[ $flags == *x* && $__om_quiet ]]; then
      trap '' DEBUG
      __om_quiet=2
    else
      [[ $__om_quiet != 2 ]] || trap -- "$__om_trap" DEBUG
      __om_quiet=''
    fi
  fi
  case $flags in *u*) set -u ;; esac
  case $flags in *x*) { set -x; } 2>/dev/null ;; esac
  case $flags in *e*) set -e && return 0 ;; esac
  return "$code"
}

# The user's rc files, and the user, may set these anew: what is theirs stays, and ours is put beside it again.
__om_stay() {
  {
    if [[ ! $__om_array || ${PROMPT_COMMAND@a} == *x* ]]; then
      [[ ${PROMPT_COMMAND-} == *__om_call* ]] ||
        builtin printf -v PROMPT_COMMAND %s '${__om_call-}'"${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}"
    else
      # In a place of its own, so that PROMPT_COMMAND=… leaves it there.
      [[ "${PROMPT_COMMAND[*]-}" == *__om_prompt* ]] || {
        [[ ${PROMPT_COMMAND+x} ]] || builtin printf -v 'PROMPT_COMMAND[0]' %s ''
        builtin printf -v "PROMPT_COMMAND[$((${#PROMPT_COMMAND[@]} + 100))]" %s __om_prompt
      }
    fi
    if [[ $__om_ps0 ]]; then
      if [[ $BASHOPTS != *promptvars* ]]; then
        [[ ${PS0-} != *__om_at* ]] || builtin printf -v PS0 %s "${PS0/"$__om_mark"/}"
      else [[ ${PS0-} == *__om_at* ]] || builtin printf -v PS0 %s "${PS0-}$__om_mark"; fi
    fi
  } 2>/dev/null
}

# From 4.4 on PS0 tells when a line begins, and its number in the history; it shows nothing.
__om_ps0='' __om_array=''
((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)) || __om_ps0=1
((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)) || __om_array=1
__om_mark='${__om_none[__om_at=\!]-}'
__om_trap='[[ ! ${__om_at-} ]] || __om_pre "$_"'
__om_start
__om_stay
[[ $__om_ps0 ]] || __om_at='?'
# Somebody else's trap stays; what we need of it then comes with the prompt.
[[ $(trap -p DEBUG) ]] || trap -- "$__om_trap" DEBUG
