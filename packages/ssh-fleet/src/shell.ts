import type { Client } from 'ssh2';
import { attach, type ExecOptions, type OpenProcess, openChannel, type RemoteProcess } from './process.ts';

export interface TerminalSize {
  cols: number;
  rows: number;
}

export interface ShellOptions extends ExecOptions {
  size: TerminalSize;
  /** Name of the terminal type, `xterm-256color` for example. */
  term: string;
  /** Asked for; servers take only what their AcceptEnv names. */
  env?: Readonly<Record<string, string>>;
}

/** A login shell behind a pseudo-terminal: standard error comes with standard output. */
export interface RemoteShell extends RemoteProcess {
  /** Without effect once the shell has ended. */
  resize(size: TerminalSize): void;
}

/** Opens a login shell. Listeners are set inside ssh2's callback: later ones would miss a quick exit. */
export function startShell(
  client: Client,
  { size, term, env, ...options }: ShellOptions,
  timeoutMs: number,
  onEnd: () => void,
): Promise<RemoteShell & OpenProcess> {
  return openChannel<RemoteShell & OpenProcess>(
    (callback) =>
      client.shell({ ...size, term }, { env: { ...env } }, (error, channel) => {
        if (error) return callback(error, undefined as never);
        let over = false;
        const process = attach(channel, options, () => {
          over = true;
          onEnd();
        });
        const resize = ({ cols, rows }: TerminalSize) => void (over || channel.setWindow(rows, cols, 0, 0));
        callback(undefined, { ...process, resize });
      }),
    { timeoutMs, signal: options.signal, late: (shell) => shell.kill() },
  );
}
