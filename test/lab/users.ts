import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { killNow, listProcesses } from './processes.ts';
import { isOrphan, labName } from './workspace.ts';

const run = promisify(execFile);

export interface LabUserOptions {
  /** Login shell, a path. Default /bin/sh. */
  shell?: string;
  sudo?: 'none' | 'password' | 'nopasswd';
  /** sudo `Defaults` for this user, such as `use_pty` or `requiretty`. */
  sudoOptions?: string;
  /** A line for ~/.ssh/authorized_keys. */
  authorizedKey?: string;
}

export interface LabUser {
  name: string;
  uid: number;
  gid: number;
  home: string;
  password: string;
  /** Processes of this user that are alive now. */
  processes(): { pid: number; command: string }[];
  /** Removes the user with home, sudo rule and whatever still runs under its id. */
  remove(): Promise<void>;
}

/** Makes a throw-away unix user with a random name and password. Needs root. */
export async function createUser(options: LabUserOptions = {}): Promise<LabUser> {
  const name = labName(randomBytes(3).toString('hex'));
  const password = randomBytes(9).toString('base64url');
  const home = `/home/${name}`;
  await retryLocked('useradd', [
    '--home-dir',
    home,
    '--shell',
    options.shell ?? '/bin/sh',
    '--password',
    hashPassword(password),
    name,
  ]);
  const [uid, gid] = idsOf(name);
  makeHome(home, uid, gid, options.authorizedKey);
  const sudoers = `/etc/sudoers.d/${name}`;
  if (options.sudo && options.sudo !== 'none') {
    const defaults = options.sudoOptions ? `Defaults:${name} ${options.sudoOptions}\n` : '';
    writeFileSync(sudoers, `${defaults}${name} ALL=(ALL:ALL) ${options.sudo === 'nopasswd' ? 'NOPASSWD: ' : ''}ALL\n`, {
      mode: 0o440,
    });
  }
  const processes = () => listProcesses().filter((process) => process.uid === uid && !process.zombie);
  return { name, uid, gid, home, password, processes, remove: () => removeUser(name, uid) };
}

function hashPassword(password: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim();
}

/** User and group id of a unix user. */
export function idsOf(name: string): [uid: number, gid: number] {
  const fields = passwdLines().find((line) => line[0] === name);
  if (!fields) throw new Error(`there is no user ${name}`);
  return [Number(fields[2]), Number(fields[3])];
}

function passwdLines(): string[][] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}

function makeHome(home: string, uid: number, gid: number, authorizedKey: string | undefined): void {
  mkdirSync(`${home}/.ssh`, { recursive: true });
  if (authorizedKey) writeFileSync(`${home}/.ssh/authorized_keys`, `${authorizedKey}\n`, { mode: 0o600 });
  for (const path of [home, `${home}/.ssh`, ...(authorizedKey ? [`${home}/.ssh/authorized_keys`] : [])])
    chownSync(path, uid, gid);
  chmodSync(home, 0o755);
  chmodSync(`${home}/.ssh`, 0o700);
}

/** useradd and userdel give up at once while another one holds the lock on /etc/passwd: test files run side by side. */
async function retryLocked(command: string, args: string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run(command, args);
      return;
    } catch (error) {
      if (attempt === 40) throw error;
      await sleep(50 + Math.random() * 100);
    }
  }
}

async function removeUser(name: string, uid: number): Promise<void> {
  rmSync(`/etc/sudoers.d/${name}`, { force: true });
  // Once it is gone its id may be another one's, whose processes are none of ours.
  if (passwdLines().some((line) => line[0] === name)) {
    for (const { pid } of listProcesses().filter((process) => process.uid === uid)) killNow(pid);
    await retryLocked('userdel', ['--force', name]);
  }
  rmSync(`/home/${name}`, { recursive: true, force: true });
  for (const folder of ['/var/mail', '/run/sudo/ts', '/var/lib/sudo/lectured'])
    rmSync(`${folder}/${name}`, { recursive: true, force: true });
}

/** Removes users of test runs that were killed. */
export async function sweepUsers(): Promise<string[]> {
  const orphans = passwdLines().filter((line) => isOrphan(line[0] ?? ''));
  for (const [name = '', , uid] of orphans) await removeUser(name, Number(uid));
  for (const folder of ['/etc/sudoers.d', '/home'].filter(existsSync)) {
    for (const name of readdirSync(folder).filter(isOrphan))
      rmSync(`${folder}/${name}`, { recursive: true, force: true });
  }
  return orphans.map(([name = '']) => name);
}
