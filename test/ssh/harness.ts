import {
  createFleet,
  type ExecOptions,
  type Exit,
  type Fleet,
  type FleetOptions,
  type Lease,
  SshError,
  type SshHop,
  type SshTarget,
} from '@omanager/ssh-fleet';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { has } from '../lab/have.ts';
import { generateKey, type KeyPair } from '../lab/keys.ts';
import { openSockets } from '../lab/processes.ts';
import { type Sshd, type SshdOptions, startSshd } from '../lab/sshd.ts';
import { createUser, type LabUser, type LabUserOptions } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';

/** Why the tests of this folder cannot run here, if they cannot. */
export const canRunSshd = has('sshd', 'useradd', 'openssl');

export interface SshLab {
  readonly sshd: Sshd;
  readonly user: LabUser;
  readonly userKey: KeyPair;
  /** A fleet that is closed, and checked for leaks, after the test. */
  fleet(options?: FleetOptions): Fleet;
  hop(change?: Partial<SshHop>): SshHop;
  target(change?: Partial<SshTarget>): SshTarget;
}

/** Starts an sshd and a user before the tests of a file, and removes both afterwards. */
export function useSshLab(sshdOptions: SshdOptions = {}, userOptions: LabUserOptions = {}): SshLab {
  const userKey = generateKey();
  const fleets: Fleet[] = [];
  let sshd: Sshd | undefined;
  let user: LabUser | undefined;
  let socketsBefore = 0;

  beforeAll(async () => {
    sshd = await startSshd(sshdOptions);
    user = await createUser({ authorizedKey: userKey.publicLine, ...userOptions });
    socketsBefore = openSockets();
  });

  afterEach(async () => {
    await Promise.all(fleets.splice(0).map(closeClean));
    await waitFor('all sockets of the test are closed', () => openSockets() <= socketsBefore);
  });

  afterAll(async () => {
    await user?.remove();
    await sshd?.stop();
  });

  const started = () => {
    if (!sshd || !user) throw new Error('the lab has not started');
    return { sshd, user };
  };
  const hop = (change: Partial<SshHop> = {}): SshHop => ({
    address: started().sshd.address,
    port: started().sshd.port,
    username: started().user.name,
    credential: { id: 'lab', version: 1, auth: { kind: 'key', privateKey: userKey.privateKey } },
    trust: { keys: started().sshd.hostKeys, revoked: [], firstUse: 'refuse' },
    ...change,
  });
  return {
    get sshd() {
      return started().sshd;
    },
    get user() {
      return started().user;
    },
    userKey,
    fleet: (options) => {
      // Generous, because many test files share the machine: no test may depend on how fast it is.
      const fleet = createFleet({ connectTimeoutMs: 30_000, ...options });
      fleets.push(fleet);
      return fleet;
    },
    hop,
    target: (change = {}) => ({ ...hop(change), via: [], ...change }),
  };
}

async function closeClean(fleet: Fleet): Promise<void> {
  await fleet.close();
  expect(fleet.stats()).toEqual({ connections: 0, idle: 0, channels: 0, connecting: 0, waiting: 0 });
}

export const soon = (ms = 60_000): AbortSignal => AbortSignal.timeout(ms);

export interface Outcome {
  exit: Exit;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end on a lease. */
export async function runOn(
  lease: Lease,
  command: string,
  options: Omit<ExecOptions, 'onData'> & { input?: string } = {},
): Promise<Outcome> {
  const chunks = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const process = await lease.exec(command, {
    signal: options.signal,
    onData: (stream, chunk) => void chunks[stream].push(chunk),
  });
  if (options.input !== undefined) await process.stdin.write(options.input);
  process.stdin.end();
  const exit = await process.done;
  return { exit, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() };
}

/** Acquires, runs, releases. */
export async function runAt(fleet: Fleet, target: SshTarget, command: string): Promise<Outcome> {
  const lease = await fleet.acquire(target, soon());
  try {
    return await runOn(lease, command);
  } finally {
    lease.release();
  }
}

/** The SshError that an acquire fails with. */
export async function refusal(fleet: Fleet, target: SshTarget): Promise<SshError> {
  try {
    const lease = await fleet.acquire(target, soon());
    lease.release();
  } catch (error) {
    if (error instanceof SshError) return error;
    throw error;
  }
  throw new Error('the connection was not refused');
}
