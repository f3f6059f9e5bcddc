/** Bytes that own their buffer and may be handed to a socket. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** No handshake command may be larger, in bytes. */
export const maxHandshakeBytes = 1024;
/** What a MESSAGE adds to its payload, in bytes. */
export const messageOverhead = 33;
/** Sizes of the other commands; with metadata, INITIATE and READY grow by it. */
export const sizes = { hello: 200, welcome: 168, initiate: 257, ready: 30, error: 7 } as const;

const ascii = (text: string): Bytes => Uint8Array.from(text, (char) => char.charCodeAt(0));
const tag = (name: string): Bytes => join(Uint8Array.of(name.length), ascii(name));

/** How each command begins: a length byte, then its name. */
export const tags = {
  HELLO: tag('HELLO'),
  WELCOME: tag('WELCOME'),
  INITIATE: tag('INITIATE'),
  READY: tag('READY'),
  MESSAGE: tag('MESSAGE'),
  ERROR: tag('ERROR'),
} as const;
export type CommandName = keyof typeof tags;

/** How each nonce begins. Within one key, only this tells directions and commands apart. */
export const nonces = {
  hello: ascii('CurveZMQHELLO---'),
  welcome: ascii('WELCOME-'),
  cookie: ascii('COOKIE--'),
  vouch: ascii('VOUCH---'),
  initiate: ascii('CurveZMQINITIATE'),
  ready: ascii('CurveZMQREADY---'),
  fromClient: ascii('CurveZMQMESSAGEC'),
  fromServer: ascii('CurveZMQMESSAGES'),
} as const;

export function join(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Which command these bytes claim to be. */
export function commandName(bytes: Uint8Array): CommandName | undefined {
  const begins = (prefix: Uint8Array): boolean => prefix.every((byte, index) => bytes[index] === byte);
  return commandNames.find((name) => begins(tags[name]));
}
const commandNames: readonly CommandName[] = ['MESSAGE', 'HELLO', 'WELCOME', 'INITIATE', 'READY', 'ERROR'];

/** A counter as 8 bytes, big endian. Counters stay within Number.MAX_SAFE_INTEGER. */
export function counterBytes(counter: number): Bytes {
  const bytes = new Uint8Array(8);
  writeCounter(bytes, 0, counter);
  return bytes;
}

export function writeCounter(bytes: Uint8Array, offset: number, counter: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 8);
  view.setUint32(0, Math.floor(counter / 2 ** 32));
  view.setUint32(4, counter >>> 0);
}

/** Reads 8 bytes, big endian; -1, which no side ever counts to, for what a Number cannot hold exactly. */
export function readCounter(bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 8);
  const counter = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  return Number.isSafeInteger(counter) ? counter : -1;
}

/** ERROR: plaintext and unauthenticated, from server to client only. */
export function errorCommand(reason: string): Bytes {
  return join(tags.ERROR, Uint8Array.of(reason.length), ascii(reason));
}
