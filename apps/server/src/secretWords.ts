const mask = '••••';
const maxDepth = 6;
const maxItems = 100;
const maxText = 2000;

const secretName = /authorization|cookie|password|passphrase|secret|token|privatekey|masterkey|otp/;
/** A `code` is an invite's or an authenticator's, unless it names an error (ECONNREFUSED) or is a small number. */
const errorCode = /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|-?\d{1,5})$/;

/** A copy of `value` that may be logged: bounded, and with ••••  for all that is named like a secret. */
export function hideSecrets(name: string, value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (isSecret(name, value)) return mask;
  if (typeof value === 'string') return cut(withoutStatement(value));
  if (typeof value !== 'object') return typeof value === 'number' ? value : String(value);
  if (value instanceof Error) return { ...errorFields(value), ...causeOf(value, depth) };
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth >= maxDepth) return '…';
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => hideSecrets(name, item, depth + 1));
  const entries = Object.entries(value).slice(0, maxItems);
  return Object.fromEntries(entries.map(([key, item]) => [key, hideSecrets(key, item, depth + 1)]));
}

/** Masks what looks like a secret wherever it stands in a text: tokens, invite links, passwords in URLs. */
export function hideSecretText(text: string): string {
  return text
    .replace(/\bomt_[A-Za-z0-9_-]{20,}/g, `omt_${mask}`)
    .replace(/\bBearer [A-Za-z0-9._~+/=-]{8,}/g, `Bearer ${mask}`)
    .replace(/(omanager:\/\/[^\s"#]{1,300}#[A-Za-z0-9_-]{1,60}\.)[A-Za-z0-9_-]+/g, `$1${mask}`)
    .replace(/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"/:@]{0,200}:)[^\s"@/]{1,500}@/g, `$1${mask}@`);
}

function isSecret(name: string, value: unknown): boolean {
  const plain = name.toLowerCase().replace(/[^a-z]/g, '');
  if (plain === 'code') return !errorCode.test(String(value));
  return secretName.test(plain) && !plain.endsWith('id');
}

function errorFields(error: Error): Record<string, unknown> {
  const code = 'code' in error && errorCode.test(String(error.code)) ? { code: error.code } : {};
  const [, ...frames] = (error.stack ?? '').split('\n    at ');
  return {
    type: error.name,
    message: cut(withoutStatement(error.message)),
    ...code,
    stack: frames.slice(0, 20).map((frame) => frame.trim()),
  };
}

function causeOf(error: Error, depth: number): { cause?: unknown } {
  return error.cause === undefined || depth >= maxDepth ? {} : { cause: hideSecrets('cause', error.cause, depth + 1) };
}

/** knex puts the whole statement before the reason, joined by ` - `. */
function withoutStatement(text: string): string {
  const at = text.search(/\b(?:insert into|update|delete from|select) [^\n]{0,300}?`/);
  if (at < 0) return text;
  const reason = text.lastIndexOf(' - ');
  return `${text.slice(0, at)}(statement left out)${reason > at ? text.slice(reason) : ''}`;
}

function cut(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}…`;
}
