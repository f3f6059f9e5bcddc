import { type Command, InvalidArgumentError } from 'commander';
import type { Cli } from '../cli.ts';

/** The body of a command: gets the arguments and options as commander parsed them. */
export type Act<A extends unknown[]> = (cli: Cli, ...args: A) => Promise<void>;

/** Turns a body into a commander action. */
export type Runner = <A extends unknown[]>(act: Act<A>) => (...args: [...A, Command]) => Promise<void>;

/** The argument that `runIdOf` takes. */
export const whichRun = 'its number, its id, the first 8 or more characters of that, or "last"';

/** Every command shows how it is used. */
export function example(...lines: string[]): string {
  return `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** Option parsers: commander calls them with the text, and shows their message. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is expected.`);
  };
}

/** A whole number, or this one word. */
export function wholeNumberOr<const W extends string>(word: W, min: number, max: number): (text: string) => number | W {
  const parse = wholeNumber(min, max);
  return (text) => (text === word ? word : parse(text));
}

export function oneOf<const T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((known) => known === text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`one of ${values.join(', ')} is expected.`);
  };
}

/** Comma lists of known words, also repeated. */
export function listOf<const T extends string>(values: readonly T[]): (text: string, before?: T[]) => T[] {
  const parse = oneOf(values);
  return (text, before = []) => [...before, ...text.split(',').map(parse)];
}

export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** `30s`, `5m`, `2h`, or seconds, as milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's'];
  if (match === null || unit === undefined)
    throw new InvalidArgumentError('a duration such as 30s, 5m or 2h is expected.');
  return Math.round(Number(match[1]) * unit);
}

/** `key=value` options as a record; a key that is given twice is a mistake, not a wish for the later one. */
export function keyValue(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('key=value is expected.');
  const key = text.slice(0, at);
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`${key} is given twice.`);
  return { ...before, [key]: text.slice(at + 1) };
}

/** A time as people write it, in their own zone, as the contract wants it. */
export function time(text: string): string {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text.replace(' ', 'T'));
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('a time such as 2026-11-22T08:00 is expected.');
  return at.toISOString();
}
