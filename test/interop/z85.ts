/** ZeroMQ's text form of a key (RFC 32): 4 bytes are 5 characters, big endian. */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

export function encodeZ85(data: Uint8Array): string {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let text = '';
  for (let at = 0; at < data.length; at += 4) {
    const word = view.getUint32(at);
    for (const power of [85 ** 4, 85 ** 3, 85 ** 2, 85, 1]) text += ALPHABET[Math.floor(word / power) % 85];
  }
  return text;
}

export function decodeZ85(text: string): Uint8Array {
  const data = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(data.buffer);
  for (let at = 0; at < text.length; at += 5) {
    const word = [...text.slice(at, at + 5)].reduce((sum, char) => sum * 85 + ALPHABET.indexOf(char), 0);
    view.setUint32((at / 5) * 4, word);
  }
  return data;
}
