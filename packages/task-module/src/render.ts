import { shellQuote } from './quote.ts';
import { checkParamName } from './reserved.ts';

/** What a body sees of a param: lists arrive as lines, booleans as `true` or `false`, a param without a value as the empty text. */
export type ShellValue = string | number | boolean | readonly string[] | undefined;

export type RenderInput = {
  /** The body, ordinary shell. */
  source: string;
  params: Readonly<Record<string, ShellValue>>;
  /** Exported to the body and its children. Names begin with OM_; never put a secret here. */
  env: Readonly<Record<string, string>>;
};

/** A body with its parameters, ready to be wrapped. `prologue` then `body` is what runs, and what a plan shows. */
export type RenderedScript = {
  prologue: string;
  body: string;
  /** The body needs a private folder on the host, which the wrapper makes and removes ($om_dir). */
  needsFolder: boolean;
};

/** Turns parameters into quoted, unexported assignments ahead of the body, so that no value can become syntax. Throws for a name or text that cannot be carried. */
export function renderShell(input: RenderInput): RenderedScript {
  return {
    prologue: renderEnv(input.env) + renderParams(input.params),
    body: requireText('the body', input.source),
    needsFolder: false,
  };
}

export function renderEnv(env: RenderInput['env']): string {
  return Object.entries(env)
    .map(([name, value]) => {
      if (!/^OM_[A-Z0-9_]{1,40}$/.test(name)) throw new Error(`${name} is not a name for the environment of a module`);
      if (value.length > 4096) throw new Error(`${name} is too long for the environment`);
      return `${name}=${shellQuote(requireText(name, value))}\nexport ${name}\n`;
    })
    .join('');
}

function renderParams(params: RenderInput['params']): string {
  const names = Object.keys(params);
  if (names.length === 0) return '';
  // `unset` first: a name that the host's environment exports (http_proxy) would otherwise stay exported.
  const lines = names.map((name) => {
    if (checkParamName(name) !== 'ok') throw new Error(`${name} cannot be the name of a param`);
    return `${name}=${shellQuote(requireText(name, textOf(params[name])))}\n`;
  });
  return `unset ${names.join(' ')}\n${lines.join('')}`;
}

function textOf(value: ShellValue): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return value.join('\n');
  return String(value);
}

/** A shell cannot hold NUL, and half a surrogate pair would arrive as something else. */
export function requireText(name: string, text: string): string {
  if (text.includes('\0')) throw new Error(`${name} holds a NUL character, which no shell can carry`);
  if (!text.isWellFormed()) throw new Error(`${name} is not valid Unicode text`);
  return text;
}
