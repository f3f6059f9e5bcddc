/**
 * Names that a param may not have, because assigning them changes or runs something in one of the shells that may
 * interpret a body (sh, dash, busybox ash, bash, ksh, mksh, zsh). bash, for one, evaluates `RANDOM='a[$(cmd)]'` as arithmetic.
 */
const shellWords =
  'if then else elif fi case esac for select while until do done in function time coproc repeat foreach end nocorrect declare export float integer local readonly typeset';

/** Lower-case specials of zsh with all its modules, and the two that bash has. */
const lowerSpecials =
  'aliases argv auto_resume builtins cdpath commands dirstack dis_aliases dis_builtins dis_functions dis_functions_source dis_galiases dis_patchars dis_reswords dis_saliases ' +
  'epochtime errnos fignore fpath funcfiletrace funcsourcetrace funcstack functions functions_source functrace galiases histchars history historywords jobdirs jobstates jobtexts ' +
  'keymaps langinfo mailpath manpath mapfile module_path modules nameddirs options parameters patchars path pipestatus prompt psvar region_highlight reswords saliases ' +
  'signals status sysparams termcap terminfo userdirs usergroups watch widgets zle_bracketed_paste zle_highlight zsh_eval_context zsh_scheduled_events';

/** Upper-case specials of all these shells, and variables that change what shells and programs do. */
const upperSpecials =
  'ARGC BASH BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_COMMAND BASH_COMPAT BASH_ENV BASH_EXECUTION_STRING BASH_LINENO BASH_LOADABLES_PATH BASH_REMATCH BASH_SOURCE ' +
  'BASH_SUBSHELL BASH_VERSINFO BASH_VERSION BASH_XTRACEFD CDPATH CHILD_MAX COLUMNS COMPREPLY COMP_CWORD COMP_KEY COMP_LINE COMP_POINT COMP_TYPE COMP_WORDBREAKS COMP_WORDS COPROC CPUTYPE DIRSTACK EDITOR EGID EMACS ' +
  'ENV EPOCHREALTIME EPOCHSECONDS ERRNO EUID EXECIGNORE EXECSHELL FCEDIT FIGNORE FPATH FUNCNAME FUNCNEST GID GLOBIGNORE GROUPS HISTCHARS HISTCMD HISTCONTROL HISTFILE HISTFILESIZE HISTIGNORE HISTSIZE HISTTIMEFORMAT ' +
  'HOME HOSTFILE HOSTNAME HOSTTYPE IFS IGNOREEOF INPUTRC INSIDE_EMACS JOBMAX KSHEGID KSHGID KSHUID KSH_VERSION LANG LANGUAGE LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_NUMERIC LC_TIME LD_AUDIT LD_LIBRARY_PATH ' +
  'LD_PRELOAD LINENO LINES LOGNAME MACHTYPE MAIL MAILCHECK MAILPATH MAPFILE NULLCMD OLDPWD OPTARG OPTERR OPTIND OSTYPE PATH PATHSEP PERL5LIB PERL5OPT PGRP PIPESTATUS POSIXLY_CORRECT PPID PROMPT PROMPT2 PROMPT3 PROMPT4 ' +
  'PROMPT_COMMAND PROMPT_DIRTRIM PS0 PS1 PS2 PS3 PS4 PWD PYTHONPATH PYTHONSTARTUP RANDOM READLINE_ARGUMENT READLINE_LINE READLINE_MARK READLINE_POINT READNULLCMD REPLY RPS1 RUBYOPT SECONDS SHELL SHELLOPTS SHLVL ' +
  'SRANDOM STATUS TERM TIMEFORMAT TMOUT TMPDIR TRY_BLOCK_ERROR TTY TTYIDLE TZ UID USER USERNAME VISUAL WATCH ZDOTDIR ZSH_ARGZERO ZSH_NAME ZSH_SUBSHELL ZSH_VERSION';

/** Harmless in lower case, but nobody should come to rely on the difference. */
const lookAlikes =
  'bash_env histcmd ifs ld_library_path ld_preload lineno optind ps1 ps2 ps3 ps4 random shellopts srandom';

export const reservedNames: ReadonlySet<string> = new Set(
  [shellWords, lowerSpecials, upperSpecials, lookAlikes].flatMap((words) => words.split(' ')),
);

/** The wrapper keeps its own variables under this prefix. */
const wrapperPrefix = 'om_';

export type NameVerdict = 'ok' | 'malformed' | 'reserved' | 'wrapper';

/** Says whether a param may be called so. */
export function checkParamName(name: string): NameVerdict {
  if (reservedNames.has(name)) return 'reserved';
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) return 'malformed';
  if (name.startsWith(wrapperPrefix)) return 'wrapper';
  return 'ok';
}
