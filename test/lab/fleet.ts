import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateKey, type KeyPair } from './keys.ts';
import { freePort, loopbackAddresses } from './ports.ts';
import { createWorkspace } from './workspace.ts';

/** What a simulated host does when a command comes. */
export interface Behaviour {
  /** Sign-in is refused. */
  refuseSignIn?: boolean;
  exitCode?: number;
  /** Between the command and its end, in ms. */
  latencyMs?: number;
  /** Written to standard output first. */
  output?: string;
  /** So many bytes follow, of which no two blocks are the same. */
  outputBytes?: number;
  /** So many of those, from the first on, the host hashes itself; see `sent`. */
  hashBytes?: number;
  /** The connection is cut instead of an answer. */
  cut?: boolean;
}

/** What a host says that it wrote: how much, and the hash of the first `hashBytes` of it. */
export interface Sent {
  bytes: number;
  firstSha256: string;
}

export interface SimulatedHost {
  address: string;
  port: number;
}

export interface SimulatedFleet {
  hosts: SimulatedHost[];
  hostKey: KeyPair;
  userKey: KeyPair;
  username: string;
  /** Changes what these hosts (by position; default all) do from now on. */
  behave(behaviour: Behaviour, hosts?: number[]): Promise<void>;
  /** How many commands each host has been given, and how many connections are open now. */
  counts(): Promise<{ executions: number[]; connections: number }>;
  /** What each host wrote for its last command (after `output`); null where none has ended. */
  sent(): Promise<(Sent | null)[]>;
  stop(): Promise<void>;
}

/** What the processes say to each other. */
export type FleetRequest =
  | { id: number; kind: 'start'; keyFile: string; publicLine: string; hosts: SimulatedHost[]; behaviour: Behaviour }
  | { id: number; kind: 'behave'; behaviour: Behaviour; hosts: number[] }
  | { id: number; kind: 'counts' | 'sent' };
export interface FleetReply {
  id: number;
  executions: number[];
  connections: number;
  sent: (Sent | null)[];
}

type RequestBody = FleetRequest extends infer R ? (R extends FleetRequest ? Omit<R, 'id'> : never) : never;

// Each host needs a descriptor for its listener and one for its connection.
const hostsPerProcess = 2500;

/** Starts thousands of simulated hosts, each with its own address 127.x.y.z, in processes of their own. */
export async function startFleet({
  hosts: count,
  behaviour = {},
}: {
  hosts: number;
  behaviour?: Behaviour;
}): Promise<SimulatedFleet> {
  const workspace = createWorkspace('fleet');
  const hostKey = generateKey();
  const userKey = generateKey();
  const keyFile = join(workspace.dir, 'host_key');
  writeFileSync(keyFile, hostKey.privateKey, { mode: 0o600 });
  const port = await freePort();
  const hosts = loopbackAddresses(count, 99).map((address) => ({ address, port }));
  const workers = Array.from({ length: Math.ceil(count / hostsPerProcess) }, (_, index) =>
    startWorker(index * hostsPerProcess),
  );
  const stop = async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    workspace.remove();
  };
  const shareOf = (index: number) => hosts.slice(index * hostsPerProcess, (index + 1) * hostsPerProcess);
  try {
    await Promise.all(
      workers.map((worker, index) =>
        worker.ask({ kind: 'start', keyFile, publicLine: userKey.publicLine, hosts: shareOf(index), behaviour }),
      ),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    hosts,
    hostKey,
    userKey,
    username: 'operator',
    behave: async (next, which = hosts.map((_, index) => index)) => {
      const ask = (worker: Worker) =>
        worker.ask({
          kind: 'behave',
          behaviour: next,
          hosts: which.map((host) => host - worker.first).filter((host) => host >= 0 && host < hostsPerProcess),
        });
      await Promise.all(workers.map(ask));
    },
    counts: async () => {
      const replies = await Promise.all(workers.map((worker) => worker.ask({ kind: 'counts' })));
      return {
        executions: replies.flatMap((reply) => reply.executions),
        connections: replies.reduce((sum, reply) => sum + reply.connections, 0),
      };
    },
    sent: async () => {
      const replies = await Promise.all(workers.map((worker) => worker.ask({ kind: 'sent' })));
      return replies.flatMap((reply) => reply.sent);
    },
    stop,
  };
}

interface Worker {
  first: number;
  ask(request: RequestBody): Promise<FleetReply>;
  stop(): Promise<void>;
}

/** @param first the position of its first host in the whole fleet */
function startWorker(first: number): Worker {
  const child = fork(fileURLToPath(new URL('./fleetMain.ts', import.meta.url)), { serialization: 'advanced' });
  const asked = new Map<number, { resolve: (reply: FleetReply) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  child.on('message', (reply: FleetReply) => {
    asked.get(reply.id)?.resolve(reply);
    asked.delete(reply.id);
  });
  child.once('exit', (code) => {
    for (const { reject } of asked.values()) reject(new Error(`the simulated fleet ended with ${code}`));
  });
  return {
    first,
    ask: (request) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        asked.set(id, { resolve, reject });
        child.send({ ...request, id });
      }),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
