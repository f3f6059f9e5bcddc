import { expect } from 'vitest';
import {
  type Channel,
  ChannelError,
  type ChannelErrorCode,
  type ClientOptions,
  createClient,
  createServer,
  type Received,
} from '../index.ts';
import { generateKeyPair } from '../keys.ts';
import type { ServerOptions } from '../server.ts';

export const serverKeys = generateKeyPair();
export const clientKeys = generateKeyPair();

/** The one command that a step sends. */
export function sent(step: Received): Uint8Array {
  const [command, ...more] = step.send ?? [];
  if (!command || more.length > 0) throw new Error('expected one command to send');
  return command;
}

/** The answer of a channel that has to answer at once. */
export function now(answer: Received | Promise<Received>): Received {
  if (answer instanceof Promise) throw new Error('expected an answer, not a promise');
  return answer;
}

/** A client and a server, and the four commands of their handshake taken apart, one call each. */
export function makePair(server: Partial<ServerOptions> = {}, client: Partial<ClientOptions> = {}) {
  const pair = {
    client: createClient({ serverPublicKey: serverKeys.publicKey, clientKeyPair: clientKeys, ...client }),
    server: createServer({ serverKeyPair: serverKeys, authorize: () => true, ...server }),
  };
  const hello = () => pair.client.start() ?? new Uint8Array(0);
  const welcome = (command = hello()) => sent(now(pair.server.receive(command)));
  const initiate = (command = welcome()) => sent(pair.client.receive(command));
  const ready = (command = initiate()) => sent(now(pair.server.receive(command)));
  return { ...pair, hello, welcome, initiate, ready };
}

/** Two channels after a whole handshake. */
export function connected(options: Parameters<typeof makePair>[0] = {}, client: Parameters<typeof makePair>[1] = {}) {
  const pair = makePair(options, client);
  expect(pair.client.receive(pair.ready())).toEqual({ ready: true });
  return { client: pair.client, server: pair.server };
}

export function codeOf(act: () => unknown): ChannelErrorCode | undefined {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ChannelError);
    return error instanceof ChannelError ? error.code : undefined;
  }
  return undefined;
}

/** The command must be refused with this code (or any), and the channel must be dead from then on. */
export function expectDeath(channel: Channel, command: Uint8Array, code?: ChannelErrorCode): void {
  const refusal = codeOf(() => channel.receive(command));
  if (code) expect(refusal).toBe(code);
  else expect(refusal).toBeDefined();
  expect(codeOf(() => channel.receive(command))).toBe('dead');
  expect(codeOf(() => channel.seal(new Uint8Array(1)))).toBe('dead');
  expect(codeOf(() => channel.start())).toBe('dead');
}
