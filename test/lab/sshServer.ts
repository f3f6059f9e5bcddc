import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { homedir } from 'node:os';
import ssh2, { type AuthContext, type ServerChannel, type Session, type SFTPWrapper } from 'ssh2';

/** A command that a client asked for: the channel is its input and output. */
export interface ExecRequest {
  command: string;
  channel: ServerChannel;
  onSignal(listener: (name: string) => void): void;
}

export interface SshServerOptions {
  /** A loopback address; anything else is refused. */
  address: string;
  /** 0 picks a free port. */
  port: number;
  /** Private host keys. */
  hostKeys: string[];
  /** Lines as in authorized_keys; their owners may sign in under any name. */
  authorizedKeys: string[];
  /** Decides about a client that proved to own an authorized key. Default: everybody. */
  admit?: () => boolean;
  onExec(request: ExecRequest): void;
  /** Plays the server of a file transfer; without it there is none. */
  onSftp?: (sftp: SFTPWrapper) => void;
}

export interface SshServer {
  address: string;
  port: number;
  readonly connections: number;
  /** Drops every connection without a goodbye. */
  cut(): void;
  stop(): Promise<void>;
}

/**
 * An SSH server of this process for tests and the demo: sign-in by key only (the signature is verified), commands
 * only (no shell, terminal, forwarding or agent), and never beyond this machine.
 */
export async function listenSsh(options: SshServerOptions): Promise<SshServer> {
  if (!/^127\.\d+\.\d+\.\d+$/.test(options.address)) throw new Error(`${options.address} is not a loopback address`);
  const keys = options.authorizedKeys.map(parsePublicKey);
  const ssh = new ssh2.Server({ hostKeys: options.hostKeys, ident: 'OpenSSH_lab' }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => authenticate(context, keys, options.admit ?? (() => true)));
    client.on('session', (accept) => serveSession(accept(), options));
  });
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  server.listen(options.port, options.address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: options.address,
    port: bound.port,
    get connections() {
      return sockets.size;
    },
    cut,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

function parsePublicKey(line: string) {
  const parsed = ssh2.utils.parseKey(line);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || key === undefined) throw new Error('an authorized key cannot be read');
  return key;
}

function authenticate(context: AuthContext, keys: ReturnType<typeof parsePublicKey>[], admit: () => boolean): void {
  if (context.method !== 'publickey') return context.reject(['publickey']);
  const key = keys.find((candidate) => candidate.getPublicSSH().equals(context.key.data));
  if (!key || !admit()) return context.reject(['publickey']);
  const { blob, signature } = context;
  // Without a signature the client only asks whether the key would do.
  if (!signature || !blob) return context.accept();
  if (key.verify(blob, signature, context.hashAlgo)) context.accept();
  else context.reject(['publickey']);
}

function serveSession(session: Session, { onExec, onSftp }: Pick<SshServerOptions, 'onExec' | 'onSftp'>): void {
  const listeners: ((name: string) => void)[] = [];
  session.on('signal', (accept, _reject, { name }) => {
    accept?.();
    for (const listener of listeners) listener(name.replace(/^SIG/, ''));
  });
  session.on('sftp', (accept, reject) => {
    if (onSftp) onSftp(accept());
    else reject();
  });
  session.on('exec', (accept, _reject, { command }) => {
    const channel = accept();
    channel.on('error', () => {});
    onExec({ command, channel, onSignal: (listener) => listeners.push(listener) });
  });
}

export interface ShellServerOptions {
  hostKey: string;
  authorizedKeys: string[];
  address?: string;
  port?: number;
  /** The commands' environment. Default: this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Given to the commands as $HOSTNAME. */
  hostName?: string;
}

/** An SSH server that runs each command with /bin/sh as the current user, in a process group of its own. Loopback only. */
export async function startShellServer(options: ShellServerOptions): Promise<SshServer> {
  const env = {
    ...(options.env ?? process.env),
    ...(options.hostName === undefined ? {} : { HOSTNAME: options.hostName }),
  };
  const groups = new Set<number>();
  const server = await listenSsh({
    address: options.address ?? '127.0.0.1',
    port: options.port ?? 0,
    hostKeys: [options.hostKey],
    authorizedKeys: options.authorizedKeys,
    onExec: (request) => runCommand(request, env, groups),
  });
  const killGroups = () => {
    for (const group of groups) signalGroup(group, 'SIGKILL');
  };
  process.once('exit', killGroups);
  return {
    ...server,
    get connections() {
      return server.connections;
    },
    stop: async () => {
      await server.stop();
      killGroups();
      process.off('exit', killGroups);
    },
  };
}

function runCommand({ command, channel, onSignal }: ExecRequest, env: NodeJS.ProcessEnv, groups: Set<number>): void {
  const child = spawn('/bin/sh', ['-c', command], { detached: true, env, cwd: homedir(), stdio: 'pipe' });
  const { pid } = child;
  if (pid === undefined) {
    channel.exit(127);
    channel.end();
    return;
  }
  groups.add(pid);
  onSignal((name) => signalGroup(pid, `SIG${name}`));
  // A command need not read its input.
  child.stdin.on('error', () => {});
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once('exit', (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ''));
    else channel.exit(code ?? 255);
  });
  child.once('close', () => {
    groups.delete(pid);
    channel.end();
  });
  channel.once('close', () => {
    if (groups.has(pid)) signalGroup(pid, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  });
}

function signalGroup(pid: number, signal: string): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended, or the signal is none that this system knows.
  }
}
