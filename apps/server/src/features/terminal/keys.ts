import { OmError } from '@omanager/contract';

/** The keys of one writer, in order and each once, however often a batch is sent. */
export interface Keys {
  /** What of a batch is new. Throws where something before it is missing. */
  take(offset: number, data: Buffer): Buffer;
}

export function createKeys(): Keys {
  let taken = 0;
  return {
    take(offset, data) {
      if (offset > taken) throw new OmError('CONFLICT', 'Keys before these are missing; attach to the terminal again.');
      const fresh = data.subarray(taken - offset);
      taken = Math.max(taken, offset + data.length);
      return fresh;
    },
  };
}
