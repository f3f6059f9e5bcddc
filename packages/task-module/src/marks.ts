/** The random words of one execution. Fresh for each attempt, or output and other users could forge what they prove. */
export type Marks = {
  /** Stands at both ends of the script. Everybody on the host can see it in `ps`. */
  frame: string;
  /** Is exported as OM_MARK, so that survivors can be found. Only who may read their environment sees it: their user, and root. */
  mark: string;
  /** Introduces the wrapper's own lines on stderr. Only the wrapper knows it. */
  nonce: string;
  /** Answered by the far side before a script that carries a secret is sent. */
  ready: string;
  /** The sudo prompt. */
  prompt: string;
};

/** What an execution is found by on its host. */
export type Traces = Pick<Marks, 'frame' | 'mark'>;

/** Random words from the platform's cryptographic source, 122 bits each: of its sources only that of UUIDs is read ahead. */
export function createMarks(): Marks {
  const word = (prefix: string) => prefix + globalThis.crypto.randomUUID().replaceAll('-', '');
  return { frame: word('omf'), mark: word('omm'), nonce: word('omn'), ready: word('omr'), prompt: word('omp') };
}

export function requireMark(word: string): string {
  if (!/^[a-z0-9]{16,64}$/.test(word)) throw new Error('a mark is 16 to 64 lower-case letters and digits');
  return word;
}
