import { isUtf8 } from 'node:buffer';
import type { CommandEvent } from '@omanager/contract';

/** A record of an agent's batch: what a host says. Nothing in it is believed yet. */
export interface AgentRecord {
  kind: 'command' | 'ended' | 'executed' | 'heartbeat' | 'dropped' | 'started';
  time: number;
  uid: number | null;
  user: string;
  claimed: string;
  login: string;
  tty: string;
  session: string;
  number: number | null;
  source: string;
  directory: string;
  exit: number | null;
  via: string;
  run: string;
  text: string;
  marks: CommandEvent['marks'];
}

export type Parsed = { ok: true; records: AgentRecord[] } | { ok: false; status: 400 | 413; message: string };

const maxRecords = 1000;
const fieldCount = 15;
const kinds = ['command', 'ended', 'executed', 'heartbeat', 'dropped', 'started'] as const;
/** Longer ones are cut, and marked so. */
const longest = { short: 40, name: 100, directory: 4096, text: 131_072 } as const;

const escapes: Readonly<Record<string, string>> = { '\\': '\\', t: '\t', n: '\n', r: '\r' };
const escaped = /\\(?:x([0-9A-Fa-f]{2})|([\s\S]?))/g;
const beyondAscii = /[\x80-\xff]/;

class Malformed extends Error {}

/** Reads the body of a batch. Any bytes at all give an answer. */
export function parseRecords(body: Buffer): Parsed {
  if (body.length === 0 || body[body.length - 1] !== 0x0a)
    return { ok: false, status: 400, message: 'the body must end with a line feed' };
  const records: AgentRecord[] = [];
  for (let begin = 0; begin < body.length; ) {
    const end = body.indexOf(0x0a, begin);
    if (records.length === maxRecords)
      return { ok: false, status: 413, message: `a batch has at most ${maxRecords} records` };
    try {
      records.push(parseRecord(body.toString('latin1', begin, end)));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return { ok: false, status: 400, message: `record ${records.length + 1}: ${error.message}` };
    }
    begin = end + 1;
  }
  return { ok: true, records };
}

function parseRecord(line: string): AgentRecord {
  const fields = line.split('\t', fieldCount + 1);
  if (fields.length !== fieldCount) throw new Malformed(`${fieldCount} fields are wanted`);
  const marks = new Set<CommandEvent['marks'][number]>();
  const at = (index: number) => fields[index - 1] ?? '';
  const text = (index: number, most: number) => {
    const { value, valid } = decode(at(index));
    if (!valid) marks.add('bytes');
    if (value.length <= most) return value;
    marks.add('cut');
    return value.slice(0, most).toWellFormed();
  };
  const whole = (index: number, digits: number, name: string) => {
    if (at(index) === '') return null;
    if (at(index).length > digits || !/^-?\d+$/.test(at(index))) throw new Malformed(`${name} is no number`);
    return Number(at(index));
  };
  const kind = kinds.find((known) => known === at(1));
  if (kind === undefined) throw new Malformed('its kind is not known');
  const time = whole(2, 15, 'its time');
  if (time === null || time < 0) throw new Malformed('it has no time');
  const record: AgentRecord = {
    kind,
    time,
    uid: whole(3, 10, 'its uid'),
    user: text(4, longest.name),
    claimed: text(5, longest.name),
    login: text(6, longest.name),
    tty: text(7, longest.short),
    session: text(8, longest.name),
    number: whole(9, 15, 'its number'),
    source: text(10, longest.name),
    directory: text(11, longest.directory),
    exit: whole(12, 9, 'its exit code'),
    via: text(13, longest.short / 2),
    run: text(14, longest.short),
    text: text(15, longest.text),
    marks: [],
  };
  record.marks = [...marks];
  return record;
}

/** From bytes, one a character, to text: escapes undone; what is no UTF-8 becomes U+FFFD. */
function decode(field: string): { value: string; valid: boolean } {
  const plain = field.includes('\\')
    ? field.replace(escaped, (_all, hex?: string, letter?: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        const char = escapes[letter ?? ''];
        if (char === undefined) throw new Malformed('an escape is not known');
        return char;
      })
    : field;
  if (!beyondAscii.test(plain)) return { value: plain, valid: true };
  const bytes = Buffer.from(plain, 'latin1');
  return { value: bytes.toString('utf8'), valid: isUtf8(bytes) };
}
