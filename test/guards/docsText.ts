import {
  contract,
  errorCatalogue,
  type MethodDefinition,
  maxBatch,
  maxDepth,
  maxMessageBytes,
} from '@omanager/contract';
import { closeCodes } from '../../apps/server/src/http/channelSocket.ts';
import { house } from './house.ts';
import { hostStateDiagram } from './stateDiagram.ts';

type CloseCode = keyof typeof closeCodes;

/** What each close code means to whoever writes a client: a code without its meaning does not compile. */
const closeMeanings: Readonly<Record<CloseCode, string>> = {
  goingAway: 'the server is stopping; connect again with back-off',
  violation: 'the channel was violated, or a text message came; the reason is the channel’s error code',
  revoked: 'the device was revoked, or the session has ended; sign in again',
  handshakeTimeout: 'the handshake took longer than 10 s, or nobody signed in within 10 minutes',
  tooLarge: 'a message above the limit (64 KiB until somebody is signed in), or a broken WebSocket frame',
  tooMany: 'kept for limits after the upgrade; today they are HTTP 429',
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function errorTable(): string {
  const rows = Object.entries(errorCatalogue)
    .toSorted(([, a], [, b]) => b.rpc - a.rpc)
    .map(([code, { rpc, http, message }]) => [`\`${code}\``, String(rpc), String(http), message]);
  return table(['code', 'number', 'HTTP', 'default message'], rows);
}

function closeCodeTable(): string {
  const rows = Object.entries(closeCodes).map(([name, code]) => [String(code), closeMeanings[name as CloseCode]]);
  return table(['code', 'meaning'], rows);
}

function limitTable(): string {
  return table(
    ['what', 'limit'],
    [
      ['a message, either way, before sealing', `${maxMessageBytes / 1024 / 1024} MiB`],
      ['a message to the server until somebody is signed in', '64 KiB'],
      ['nesting of a message', `${maxDepth} levels`],
      ['calls in a batch', String(maxBatch)],
    ],
  );
}

function methodTable(): string {
  const rows = Object.entries<MethodDefinition>(contract).map(([name, method]) => [
    `\`${name}\``,
    method.alone ? `${method.kind}, alone` : method.kind,
    method.permission,
    method.summary,
  ]);
  return table(['method', 'kind', 'permission', 'what it does'], rows);
}

function houseTable(): string {
  const short = (name: string) => `\`${name.replace('apps/server/src/', '')}\``;
  const list = (names: readonly string[]) => names.map(short).join(', ') || '–';
  const rows = Object.entries(house).map(([name, { may, types = {} }]) => [
    short(name),
    list(may),
    list(Object.keys(types)),
  ]);
  return table(['place', 'may import', 'and types of'], rows);
}

/** The parts of the docs that code writes, by file and name: `npm run docs` puts them between their markers. */
export const generated: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/architecture.md': { house: houseTable, hostStates: hostStateDiagram },
  'docs/protocol.md': { errors: errorTable, closeCodes: closeCodeTable, limits: limitTable, methods: methodTable },
};

const begin = (name: string) => `<!-- ${name}: written by npm run docs -->`;
const end = (name: string) => `<!-- /${name} -->`;

/** The text with one part written anew, or undefined when it lacks the markers. */
export function withPart(text: string, name: string, part: string): string | undefined {
  const from = text.indexOf(begin(name));
  const to = text.indexOf(end(name), from);
  if (from < 0 || to < 0) return undefined;
  return `${text.slice(0, from + begin(name).length)}\n${part}\n${text.slice(to)}`;
}
