import { maxTerminalBytes, OmError } from '@omanager/contract';
import { pause } from './backoff.ts';
import { toBase64 } from './base64.ts';
import type { Client } from './client.ts';

/** So much may wait to be sent; a larger paste is refused. */
const maxWaitingBytes = 4 * 1024 * 1024;
/** The server is told what was shown at least so often, or it lets the shell wait. */
const tellEveryBytes = 96 * 1024;
const busyMs = 200;

export interface TerminalKeys {
  /** Sends these after all before; false when too much waits already. */
  type(data: Uint8Array): boolean;
  /** So many bytes of output have been shown; told for the first time when the terminal answers. */
  shown(offset: number): void;
  /** Somebody is there, though nothing is typed. */
  stay(): void;
}

/**
 * What goes from one view of a terminal to its shell: one call at a time, in order, and each key once whatever is cut. What is
 * typed before the first output was shown waits for it: until then the server may not know this view.
 */
export function createTerminalKeys({
  client,
  id,
  writer,
  signal,
  onError,
}: {
  client: Pick<Client, 'call'>;
  id: string;
  writer: string;
  signal: AbortSignal;
  /** It goes no further: taken over, ended, or not allowed any more. */
  onError: (error: unknown) => void;
}): TerminalKeys {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let sent = 0;
  let shownTo = 0;
  let told = 0;
  let sending = false;
  let attached = false;

  function take(): Uint8Array {
    const all = new Uint8Array(waitingBytes);
    let at = 0;
    for (const piece of waiting) {
      all.set(piece, at);
      at += piece.length;
    }
    const rest = all.subarray(maxTerminalBytes);
    waiting = rest.length > 0 ? [rest] : [];
    waitingBytes = rest.length;
    return all.subarray(0, maxTerminalBytes);
  }

  async function call(data: Uint8Array): Promise<void> {
    for (;;) {
      const shown = shownTo;
      try {
        await client.call('terminals.input', { id, writer, offset: sent, data: toBase64(data), shown }, { signal });
        told = Math.max(told, shown);
        sent += data.length;
        return;
      } catch (error) {
        if (!(error instanceof OmError) || error.code !== 'BUSY' || signal.aborted) throw error;
        await pause(busyMs, signal);
      }
    }
  }

  async function send(): Promise<void> {
    if (sending || !attached) return;
    sending = true;
    try {
      while (!signal.aborted && (waitingBytes > 0 || shownTo - told >= tellEveryBytes)) await call(take());
    } catch (error) {
      waiting = [];
      waitingBytes = 0;
      if (!signal.aborted) onError(error);
    } finally {
      sending = false;
    }
  }

  return {
    stay() {
      const nothing = { id, writer, offset: sent, data: '', shown: shownTo, stay: true };
      client.call('terminals.input', nothing, { signal }).catch((error: unknown) => {
        if (!signal.aborted) onError(error);
      });
    },
    type(data) {
      if (waitingBytes + data.length > maxWaitingBytes) return false;
      waiting.push(data);
      waitingBytes += data.length;
      void send();
      return true;
    },
    shown(offset) {
      attached = true;
      shownTo = Math.max(shownTo, offset);
      if (waitingBytes > 0 || shownTo - told >= tellEveryBytes) void send();
    },
  };
}
