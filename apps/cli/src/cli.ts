import type { Title } from '@omanager/contract';
import type { ExitCode } from './errors.ts';
import type { Output } from './io/output.ts';
import type { Prompt } from './io/prompt.ts';
import type { ProfileStore } from './profiles.ts';

export type Lang = 'en' | 'zh';

/** What every command works with. */
export interface Cli {
  readonly out: Output;
  readonly prompt: Prompt;
  readonly profiles: ProfileStore;
  /** As asked for with --profile or $OM_PROFILE; null means the default one. */
  readonly profileName: string | null;
  readonly lang: Lang;
  readonly stdin: NodeJS.ReadStream;
  /** Ctrl-C: commands stop waiting, what the server does goes on. */
  readonly signal: AbortSignal;
  /** What the command ends with when nothing is thrown; 0 when this is never called. */
  setExitCode(code: ExitCode): void;
}

export const titleOf = (cli: Pick<Cli, 'lang'>, title: Title): string => title[cli.lang] || title.en;

/** The language of module titles: --lang, else what the environment says. */
export function langOf(asked: string | undefined, env: Readonly<Record<string, string | undefined>>): Lang {
  const locale = asked ?? (env.LC_ALL || env.LC_MESSAGES || env.LANG || 'en');
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
