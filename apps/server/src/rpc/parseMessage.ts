import { deeperThan, maxDepth, OmError } from '@omanager/contract';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** `__proto__` as it may stand in JSON, with any of its letters escaped. */
const mayNameProto = /__proto__|\\u00(5f|6f|70|72|74)/i;

/** What a message says, or why it cannot be read. Depth is looked at before anything recursive is done with it. */
export function parseMessage(message: string | Uint8Array): unknown {
  try {
    const text = typeof message === 'string' ? message : utf8.decode(message);
    if (deeperThan(text, maxDepth)) {
      return new OmError('TOO_LARGE', `The message nests deeper than ${maxDepth} levels.`);
    }
    const parsed: unknown = JSON.parse(text);
    if (mayNameProto.test(text) && namesProto(parsed)) {
      return new OmError('INVALID_REQUEST', 'The message has a key __proto__, which nothing here is called.');
    }
    return parsed;
  } catch {
    return new OmError('PARSE_ERROR', 'The message is not JSON in UTF-8.');
  }
}

function namesProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(namesProto);
}
