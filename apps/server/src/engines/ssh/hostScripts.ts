import { type RenderedScript, renderShell, shellQuote } from '@omanager/task-module';
import type { StagedFile } from './stage.ts';

/**
 * Shell for files that SFTP cannot reach, because SFTP is the login user's and the module runs as another. What the login user
 * staged is taken over by a copy whose checksum must be the plan's, since a process of the login user could swap it.
 */

const helpers = `
say() { echo "$1" >&2; exit 1; }
om_sum() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  else openssl dgst -sha256 -r
  fi
}
`;

/** Puts file params of the login user into a folder of the user that the body runs as, ahead of the body. */
export function adoptFiles(
  script: RenderedScript,
  files: readonly { from: StagedFile; to: string }[],
  folder: string,
): RenderedScript {
  const steps = files.map(({ from, to }) => {
    const [source, target] = [shellQuote(from.path), shellQuote(to)];
    return `head -c ${from.size} <${source} >${target} || exit
om_x=$(om_sum <${target})
[ "\${om_x%% *}" = ${from.sha256} ] || say 'omanager: a file of the module is not the one that was planned'
`;
  });
  const adopt = `(
${helpers}
umask 077
mkdir ${shellQuote(folder)} || exit
${steps.join('')}) || { echo 'omanager: the files of the module did not reach this user, nothing was run' >&2; exit 96; }
`;
  return { ...script, body: adopt + script.body };
}

export interface Install {
  from: StagedFile;
  folder: string;
  name: string;
  /** Octal; empty: that of the file that is replaced, or 644. */
  mode: string;
  /** `uid:gid`; empty: that of the file that is replaced, where this user may give it. */
  owner: string;
  /** Name for the file that is replaced, which is kept under it; empty: none is kept. */
  backup: string;
  /** Name of the new file until it is in place; nobody can guess it. */
  temporary: string;
}

/**
 * The guarantees of a copy over SFTP, for another user: old or new file, whole, at every moment. The folder is entered once, and the new
 * file is only reached through its open descriptor, so that whoever may write to the folder can make root touch no other file.
 */
export function installScript({ from, ...place }: Install): RenderedScript {
  return renderShell({
    env: {},
    params: { ...place, source: from.path, size: from.size, sha256: from.sha256 },
    source: `${helpers}
[ -d "$folder" ] || say "$folder is not a folder."
cd -P "$folder" || exit
[ "$(pwd -P)" = "$folder" ] || say "$folder leads through a symbolic link. Name the real folder: $(pwd -P)."
[ -z "$(find . -prune -perm -0002 ! -perm -1000)" ] || say "$folder is writable for everybody. Take that right away first (chmod o-w)."
[ -e /proc/self/fd/0 ] || say 'This server has no /proc, which copying as another user needs.'
[ ! -L "./$name" ] || say "$folder/$name is a symbolic link. Name the file that it points to."
like=
if [ -e "./$name" ]; then
  [ -f "./$name" ] || say "$folder/$name exists and is not a file."
  like=$(stat -c '%a %u:%g' "./$name") || exit
fi
om_temporary=./$temporary
trap 'rm -f "$om_temporary"' EXIT
trap 'exit 143' TERM
umask 077
set -C
exec 9>"$om_temporary"
set +C
head -c "$size" <"$source" >&9 || exit
sync -d /proc/self/fd/9 9>&9 2>/dev/null || :
om_x=$(om_sum </proc/self/fd/9)
[ "\${om_x%% *}" = "$sha256" ] || say "$folder/$name arrived damaged: what the server stored differs from what was sent. Check its disk."
if [ -n "$owner" ]; then chown "$owner" /proc/self/fd/9 9>&9 || exit
elif [ -n "$like" ]; then chown "\${like#* }" /proc/self/fd/9 9>&9 2>/dev/null || :
fi
if [ -z "$mode" ]; then mode=\${like%% *}; fi
chmod "\${mode:-644}" /proc/self/fd/9 9>&9 || exit
if [ -n "$like" ] && [ -n "$backup" ]; then
  ln "./$name" "./$backup" 2>/dev/null || cp -pP "./$name" "./$backup" || exit
fi
[ "$om_temporary" -ef /proc/self/fd/9 ] || say "$folder/$name was replaced by somebody while it was being copied. Check who may write to its folder."
mv -fT "$om_temporary" "./$name" 2>/dev/null || { [ ! -d "./$name" ] && mv -f "$om_temporary" "./$name"; } || exit
[ ! -L "./$name" ] && [ "./$name" -ef /proc/self/fd/9 ] || say "$folder/$name was replaced by somebody while it was being copied. Check who may write to its folder."
trap - EXIT
echo "$sha256  $folder/$name"
[ -z "$like" ] || [ -z "$backup" ] || echo "backup $folder/$backup"
`,
  });
}

/** Prints a regular file of at most \`maxBytes\`. */
export function fetchScript(path: string, maxBytes: number): RenderedScript {
  return renderShell({
    env: {},
    params: { file: path, most: maxBytes },
    source: `${helpers}
[ -e "$file" ] || say "$file does not exist, or this user may not see it."
[ -f "$file" ] || say "$file is not a regular file."
too_large() { say "$file is larger than the limit of $most bytes. Raise the limit, or fetch a part with a command."; }
size=$(wc -c <"$file") || exit
[ "$size" -le "$most" ] || too_large
head -c "$most" <"$file" || exit
size=$(wc -c <"$file") || exit
[ "$size" -le "$most" ] || too_large
`,
  });
}
