import { isUtf8 } from 'node:buffer';
import type { OutputLine, ReadAs } from '@omanager/contract';

type Read = Pick<OutputLine, 'text' | 'encoding'>;
type Encoding = Exclude<ReadAs, 'auto'>;

/** Bytes of one line as text. The guess is made of the line alone, so that a line reads the same on every page. */
export function readText(data: Buffer, readAs: ReadAs): Read {
  const encoding = readAs === 'auto' ? guess(data) : readAs;
  if (encoding === 'utf-8') return { text: data.toString('utf8') };
  return { text: new TextDecoder(encoding, { ignoreBOM: true }).decode(data), encoding };
}

/** How many of these bytes are whole characters: a cut may fall within the last one. */
export function wholeCharacters(data: Buffer, readAs: ReadAs): number {
  if (readAs === 'utf-8') return wholeUtf8(data);
  if (readAs === 'auto') {
    const whole = wholeUtf8(data);
    return isUtf8(data.subarray(0, whole)) ? whole : wholeOf(data, 'gb18030');
  }
  return wholeOf(data, readAs);
}

function guess(data: Buffer): Encoding {
  return isUtf8(data) || !isValid(data, 'gb18030') ? 'utf-8' : 'gb18030';
}

function isValid(data: Buffer, encoding: Encoding): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(data);
    return true;
  } catch {
    return false;
  }
}

/** The longest character of all of these has four bytes. */
function wholeOf(data: Buffer, encoding: Encoding): number {
  for (let cut = 0; cut < Math.min(4, data.length); cut++)
    if (isValid(data.subarray(0, data.length - cut), encoding)) return data.length - cut;
  return data.length;
}

/** The length without a last UTF-8 character that is not whole. */
function wholeUtf8(data: Buffer): number {
  for (let back = 1; back <= Math.min(4, data.length); back++) {
    const byte = data[data.length - back] ?? 0;
    if (byte < 0x80) return data.length;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    const cut = data.length - back;
    return length > back && cut > 0 ? cut : data.length;
  }
  return data.length;
}
