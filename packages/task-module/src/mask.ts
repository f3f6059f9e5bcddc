/**
 * Masks secrets in a stream of output, also where a secret is split over chunks, printed byte by byte, or shown in
 * a common encoding. A guard rail against accidents, not a promise: a script can always encode what it prints.
 */
export interface Masker {
  /**
   * The output that is safe to show now, in pieces (views of the chunk where nothing was masked, so that nothing is copied); what
   * may be the beginning of a secret is held back.
   */
  push(chunk: Uint8Array): Uint8Array[];
  /** What was held back. The masker is then as new. */
  flush(): Uint8Array;
}

/** Shorter secrets would make the masked output an oracle for guessing them. */
const minSecret = 4;
/** Lines of a secret of several lines, such as a private key. */
const minLine = 8;

const encoder = new TextEncoder();
const mask = encoder.encode('••••');
const nothing = new Uint8Array();

export function createMasker(secrets: readonly string[]): Masker {
  return prepareMask(secrets)();
}

/** The forms of the secrets are worked out once; then each stream gets its own masker from the returned function. */
export function prepareMask(secrets: readonly string[]): () => Masker {
  const forms = formsOf(secrets);
  if (forms.length === 0) return () => ({ push: (chunk) => [chunk], flush: () => nothing });
  const longest = forms.reduce((most, { length }) => Math.max(most, length), 0);
  const find = createFinder(forms);
  return () => maskWith(find, longest);
}

function maskWith(find: ReturnType<typeof createFinder>, longest: number): Masker {
  let held = nothing;

  /** Decides every position before `end`, and answers where it stopped: there, or behind a secret that reaches further. */
  function decide(bytes: Uint8Array, end: number, out: Uint8Array[]): number {
    let from = 0;
    for (let at = find.next(bytes, 0, end); at >= 0; at = find.next(bytes, from, end)) {
      if (at > from) out.push(bytes.subarray(from, at));
      out.push(mask);
      from = at + find.length;
    }
    if (end > from) out.push(bytes.subarray(from, end));
    return Math.max(from, end);
  }

  return {
    push(chunk) {
      const out: Uint8Array[] = [];
      let bytes = chunk;
      if (held.length > 0 && chunk.length <= longest) bytes = concat([held, chunk]);
      else if (held.length > 0) {
        // What was held back is decided with as much of the chunk as a form may take: the chunk itself is not copied.
        const stop = decide(concat([held, chunk.subarray(0, longest)]), held.length, out);
        bytes = chunk.subarray(stop - held.length);
      }
      const stop = decide(bytes, find.unfinished(bytes, Math.max(0, bytes.length - longest + 1)), out);
      held = stop < bytes.length ? bytes.slice(stop) : nothing;
      return out;
    },
    flush() {
      const out: Uint8Array[] = [];
      decide(held, held.length, out);
      held = nothing;
      return concat(out);
    },
  };
}

/**
 * Finds the leftmost, longest form. A window as long as the shortest form is laid on the text, and its last two bytes say how far it may
 * move without missing one (Wu and Manber's search), so that most bytes are never looked at.
 */
function createFinder(forms: readonly Uint8Array[]) {
  const window = Math.min(255, ...forms.map(({ length }) => length));
  const moves = new Uint8Array(65_536).fill(window - 1);
  const byStart = new Map<number, Uint8Array[]>();
  for (const form of [...forms].sort((a, b) => b.length - a.length)) {
    const start = pairAt(form, 0);
    byStart.set(start, [...(byStart.get(start) ?? []), form]);
    for (let at = 0; at <= window - 2; at++) {
      const pair = pairAt(form, at);
      moves[pair] = Math.min(moves[pair] ?? 0, window - 2 - at);
    }
  }
  const isFirst = new Uint8Array(256);
  for (const [first = 0] of forms) isFirst[first] = 1;
  const finder = {
    /** Length of the form that `next` found. */
    length: 0,
    next(bytes: Uint8Array, from: number, end: number): number {
      const last = Math.min(end - 1, bytes.length - window);
      for (let i = from; i <= last; ) {
        const move = moves[pairAt(bytes, i + window - 2)] ?? 0;
        if (move > 0) {
          i += move;
          continue;
        }
        const found = byStart.get(pairAt(bytes, i))?.find((form) => standsAt(bytes, form, i));
        if (found) {
          finder.length = found.length;
          return i;
        }
        i++;
      }
      return -1;
    },
    /** The first position from `from` on where all that is left is the beginning of a form; the length if there is none. */
    unfinished(bytes: Uint8Array, from: number): number {
      for (let i = from; i < bytes.length; i++) {
        if (isFirst[bytes[i] ?? 0] === 0) continue;
        if (i === bytes.length - 1) return i;
        const candidates = byStart.get(pairAt(bytes, i));
        if (!candidates) continue;
        const rest = bytes.subarray(i);
        if (candidates.some((form) => form.length > rest.length && standsAt(form, rest, 0))) return i;
      }
      return bytes.length;
    },
  };
  return finder;
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function standsAt(bytes: Uint8Array, form: Uint8Array, at: number): boolean {
  if (at + form.length > bytes.length) return false;
  for (let i = 0; i < form.length; i++) if (bytes[at + i] !== form[i]) return false;
  return true;
}

/** A secret as it may appear: plain, line by line, quoted for a shell, escaped for JSON and URLs, in hex and base64. */
function formsOf(secrets: readonly string[]): Uint8Array[] {
  const texts = new Set<string>();
  for (const secret of secrets) {
    const lines = secret.split(/\r?\n/);
    const parts =
      lines.length > 1
        ? [secret, secret.trim(), ...lines.map((line) => line.trim()).filter((line) => line.length >= minLine)]
        : [secret];
    for (const part of parts) if (part.length >= minSecret) for (const form of encodings(part)) texts.add(form);
    for (const line of base64Lines(secret)) texts.add(line);
  }
  return [...texts].map((text) => encoder.encode(text)).filter(({ length }) => length >= minSecret);
}

function encodings(text: string): string[] {
  const bytes = encoder.encode(text);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const url = encodeURIComponent(text);
  return [
    text,
    text.replaceAll("'", "'\\''"),
    JSON.stringify(text).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => base64At(bytes, shift)),
  ];
}

/** The characters that these bytes alone decide when they stand `shift` bytes into a base64 text, in both alphabets. */
function base64At(bytes: Uint8Array, shift: number): string[] {
  const padded = concat([new Uint8Array(shift), bytes]);
  const text = btoa(Array.from(padded, (byte) => String.fromCharCode(byte)).join(''));
  const own = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  // Two characters of slack for short secrets would match by chance.
  if (own.length < minSecret) return [];
  return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
}

/** Programs break long base64 into lines of 76 (base64) or 64 (openssl) characters. Found where nothing stands before the secret. */
function base64Lines(secret: string): string[] {
  const [whole = ''] = base64At(encoder.encode(secret), 0);
  return [76, 64].flatMap((width) => {
    const lines = whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
    return lines.length > 1 ? lines.filter((line) => line.length >= minLine) : [];
  });
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
