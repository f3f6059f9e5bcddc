import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Part {
  command: string;
  /** The Debian package that brings it. */
  package: string;
  /** What Debian keeps in a package of its own: the fonts of a browser. */
  with?: string;
  /** What is not tested without it. */
  tests: string;
  /** The lab can only use it as root. */
  needsRoot?: true;
}

/** The real parts that the tests use. */
export const parts = {
  sshd: { command: 'sshd', package: 'openssh-server', tests: 'everything against a real SSH server', needsRoot: true },
  sshKeygen: {
    command: 'ssh-keygen',
    package: 'openssh-client',
    tests: 'fingerprints and known_hosts against OpenSSH',
  },
  openssl: { command: 'openssl', package: 'openssl', tests: 'password sign-in against a real SSH server' },
  useradd: { command: 'useradd', package: 'passwd', tests: 'everything against a real SSH server', needsRoot: true },
  sudo: { command: 'sudo', package: 'sudo', tests: 'run as another user', needsRoot: true },
  mariadb: { command: 'mariadbd', package: 'mariadb-server', tests: 'storage and faults on MariaDB', needsRoot: true },
  redis: { command: 'redis-server', package: 'redis-server', tests: 'the queue and the bus of several processes' },
  bash: { command: 'bash', package: 'bash', tests: 'scripts under bash' },
  dash: { command: 'dash', package: 'dash', tests: 'scripts under dash' },
  busybox: { command: 'busybox', package: 'busybox', tests: 'scripts under busybox' },
  fish: { command: 'fish', package: 'fish', tests: 'fish as login shell' },
  zsh: { command: 'zsh', package: 'zsh', tests: 'scripts under zsh' },
  ksh: { command: 'ksh', package: 'ksh', tests: 'scripts under ksh' },
  python3: { command: 'python3', package: 'python3', tests: 'scripts with the python interpreter' },
  vim: { command: 'vim', package: 'vim', tests: 'full-screen programs in a recorded terminal' },
  script: { command: 'script', package: 'bsdutils', tests: 'om ssh at a terminal' },
  ps: { command: 'ps', package: 'procps', tests: 'what other users of a host can see' },
  chromium: {
    command: 'chromium',
    package: 'chromium',
    with: 'fonts-noto-cjk',
    tests: 'the client in a real browser',
  },
  ip: { command: 'ip', package: 'iproute2', tests: 'listening ports on a real host' },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;

export const isRoot = process.getuid?.() === 0;

/** Servers live in sbin, which not every user's PATH names. */
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

function isInstalled(command: string): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why a part cannot be used here, or undefined when it can. */
export function lack(name: PartName): string | undefined {
  const part: Part = parts[name];
  if (!isInstalled(part.command)) return `${part.command} is not installed (package ${part.package})`;
  if (part.needsRoot && !isRoot) return `${part.command} can only be used by root`;
  return undefined;
}

/**
 * Whether all these parts can be used. Meant for `describe.skipIf(!has('sshd', 'useradd'))`; the reasons are
 * printed before the tests start.
 */
export function has(...names: PartName[]): boolean {
  return names.every((name) => lack(name) === undefined);
}
