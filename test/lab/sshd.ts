import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { generateKey, type KeyKind, type KeyPair } from './keys.ts';
import { freePort, loopbackAddresses } from './ports.ts';
import { listProcesses } from './processes.ts';
import { waitFor } from './wait.ts';
import { createWorkspace, type LabProcess, readLog } from './workspace.ts';

export interface SshdOptions {
  /** Loopback addresses to listen on, or how many. Default: 127.0.0.1. */
  addresses?: string[] | number;
  port?: number;
  /** Kinds of generated host keys. Default: ed25519. */
  hostKeys?: KeyKind[];
  /** Further lines for sshd_config; they win over the lab's own. */
  config?: string[];
  /** Stands before the command that starts it: a view of the machine (lab/view.ts). */
  within?: readonly string[];
}

export interface Sshd {
  port: number;
  addresses: string[];
  address: string;
  hostKeys: KeyPair[];
  /** The processes that serve this user's connections, by pid: killing one cuts a connection. */
  sessionPids(userName: string): number[];
  log(): string;
  stop(): Promise<void>;
}

// OpenSSH's MAX_LISTEN_SOCKS.
const addressesPerSshd = 16;

/** Starts a real OpenSSH server (several processes when there are many addresses) on loopback addresses. Needs root. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const workspace = createWorkspace('sshd');
  // Debian's sshd drops its privileges into this folder; its package only makes it at boot.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const { addresses: wanted = ['127.0.0.1'] } = options;
  const addresses = typeof wanted === 'number' ? loopbackAddresses(wanted) : wanted;
  const port = options.port ?? (await freePort());
  const hostKeys = (options.hostKeys ?? ['ed25519']).map((kind) => generateKey(kind));
  const keyFiles = hostKeys.map((key, index) => {
    const file = join(workspace.dir, `host_key_${index}`);
    writeFileSync(file, key.privateKey, { mode: 0o600 });
    return file;
  });
  const logFile = join(workspace.dir, 'log');
  const servers: LabProcess[] = [];
  for (let at = 0; at < addresses.length; at += addressesPerSshd) {
    const file = join(workspace.dir, `config_${at}`);
    writeFileSync(file, configText(port, addresses.slice(at, at + addressesPerSshd), keyFiles, options.config ?? []));
    chmodSync(file, 0o600);
    const [command = '', ...args] = [...(options.within ?? []), '/usr/sbin/sshd', '-D', '-f', file, '-E', logFile];
    servers.push(workspace.start(command, args));
  }
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    workspace.remove();
  };
  try {
    await Promise.all(
      addresses.map((address) => waitFor(`sshd on ${address}:${port}`, () => accepts(address, port, servers))),
    );
  } catch (error) {
    const log = readLog(logFile);
    await stop();
    throw new Error(`sshd did not start: ${log}`, { cause: error });
  }
  return {
    port,
    addresses,
    address: addresses[0] ?? '127.0.0.1',
    hostKeys,
    sessionPids: (userName) =>
      // Wherever they hang: the session of a monitor that was killed goes on without it.
      listProcesses()
        .filter((process) => new RegExp(`^sshd(-session)?: ${userName}( |$|@)`).test(process.command))
        .map((process) => process.pid),
    log: () => readLog(logFile),
    stop,
  };
}

function configText(port: number, addresses: string[], keyFiles: string[], extra: string[]): string {
  return [
    // sshd takes the first value it reads for a keyword.
    ...extra,
    `Port ${port}`,
    ...addresses.map((address) => `ListenAddress ${address}`),
    ...keyFiles.map((file) => `HostKey ${file}`),
    'PidFile none',
    'UsePAM no',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin no',
    'AllowTcpForwarding yes',
    'MaxStartups 4000',
    'MaxSessions 64',
    'MaxAuthTries 6',
    'UseDNS no',
    'PrintMotd no',
    'PrintLastLog no',
    'LogLevel VERBOSE',
    // The one keyword that sshd does not take twice.
    ...(extra.some((line) => line.startsWith('Subsystem ')) ? [] : ['Subsystem sftp internal-sftp']),
    '',
  ].join('\n');
}

function accepts(address: string, port: number, servers: LabProcess[]): Promise<boolean> {
  if (servers.some((server) => !server.running)) throw new Error('sshd ended');
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
