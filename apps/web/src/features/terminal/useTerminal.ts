import { createTerminalKeys, fromBase64, type TerminalKeys } from '@omanager/client';
import type { OmError, Recording, TerminalOutput } from '@omanager/contract';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { v7 as uuid } from 'uuid';
import { asOmError } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { linesOf, pasteKeys } from './pastes.ts';
import { openScreen, type Screen } from './xterm.ts';

export type TerminalState = Pick<TerminalOutput, 'state' | 'end' | 'message' | 'idleEndsAt'>;

export interface LiveTerminal {
  readonly state: TerminalState;
  readonly error: OmError | null;
  readonly skipped: number;
  /** A paste of several lines that waits for a yes. */
  readonly pending: string | null;
  readonly screen: RefObject<Screen | null>;
  type(text: string): void;
  paste(text: string): void;
  answerPaste(yes: boolean): void;
  readonly tooMuch: boolean;
  /** Somebody is there, though nothing is typed. */
  stay(): void;
}

const encoder = new TextEncoder();

/** One's own terminal in an element, from its first byte to its end; connection cuts are healed by the stream. */
export function useTerminal(
  element: RefObject<HTMLElement | null>,
  { id, cols, rows }: Pick<Recording, 'id' | 'cols' | 'rows'>,
  label: string,
): LiveTerminal {
  const { client } = useSession();
  const [state, setState] = useState<TerminalState>({
    state: 'connecting',
    end: null,
    message: null,
    idleEndsAt: null,
  });
  const [error, setError] = useState<OmError | null>(null);
  const [skipped, setSkipped] = useState(0);
  const [pending, setPending] = useState<string | null>(null);
  const [tooMuch, setTooMuch] = useState(false);
  const screen = useRef<Screen | null>(null);
  const keys = useRef<TerminalKeys | null>(null);
  const type = (text: string) => setTooMuch(keys.current?.type(encoder.encode(text)) === false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: one terminal for one id; the rest is how it begins
  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const stop = new AbortController();
    const { signal } = stop;
    const writer = uuid();
    const failed = (cause: unknown) => {
      if (!signal.aborted) setError(asOmError(cause));
    };
    const own = createTerminalKeys({ client, id, writer, signal, onError: failed });
    const view = openScreen(box, { label, size: { cols, rows } });
    const { terminal } = view;
    keys.current = own;
    screen.current = view;
    terminal.onData((text) => void own.type(encoder.encode(text)));
    terminal.onBinary((text) => void own.type(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    terminal.onResize((size) => {
      client.call('terminals.resize', { id, writer, ...size }, { signal }).catch(() => {});
    });
    terminal.attachCustomKeyEventHandler((event) => !isOurs(event, view, box));
    const onPaste = (event: ClipboardEvent) => {
      const text = event.clipboardData?.getData('text') ?? '';
      if (linesOf(text) < 2) return;
      event.preventDefault();
      event.stopPropagation();
      setPending(text);
    };
    box.addEventListener('paste', onPaste, { capture: true, signal });
    const sizes = new ResizeObserver(() => view.fit());
    sizes.observe(box);

    const follow = async () => {
      let attached = false;
      for await (const event of client.stream('terminals.attach', { id, writer }, { signal })) {
        const data = fromBase64(event.data);
        if (event.skipped > 0) setSkipped((before) => before + event.skipped);
        setState(event);
        await new Promise<void>((resolve) => terminal.write(data, resolve));
        own.shown(event.offset + data.length);
        if (attached) continue;
        attached = true;
        view.fit();
        const size = { cols: terminal.cols, rows: terminal.rows };
        client.call('terminals.resize', { id, writer, ...size }, { signal }).catch(() => {});
        terminal.focus();
      }
    };
    follow().catch(failed);
    return () => {
      stop.abort();
      sizes.disconnect();
      keys.current = null;
      screen.current = null;
      view.dispose();
    };
  }, [client, id]);

  const send = (text: string) => {
    type(pasteKeys(text, screen.current?.terminal.modes.bracketedPasteMode ?? false));
    screen.current?.terminal.focus();
  };
  return {
    state,
    error,
    skipped,
    pending,
    screen,
    tooMuch,
    type,
    paste: (text) => (linesOf(text) < 2 ? send(text) : setPending(text)),
    stay() {
      keys.current?.stay();
      screen.current?.terminal.focus();
    },
    answerPaste(yes) {
      if (yes && pending !== null) send(pending);
      setPending(null);
      screen.current?.terminal.focus();
    },
  };
}

/** Ctrl+Shift and a key belong to the client; everything else goes to the server. */
function isOurs(event: KeyboardEvent, { terminal }: Screen, box: HTMLElement): boolean {
  if (!event.ctrlKey || !event.shiftKey) return false;
  if (event.type !== 'keydown') return true;
  if (event.code === 'Backquote') {
    event.preventDefault();
    terminal.blur();
    box.closest('section')?.querySelector<HTMLElement>('button, a')?.focus();
  } else if (event.code === 'KeyC' && terminal.hasSelection()) {
    event.preventDefault();
    void navigator.clipboard?.writeText(terminal.getSelection());
  }
  return true;
}
