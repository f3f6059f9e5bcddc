import { readFileSync } from 'node:fs';
import type { Behaviour, FleetReply, FleetRequest, SimulatedHost } from './fleet.ts';
import { type ExecRequest, listenSsh, type SshServer } from './sshServer.ts';

/** One process of the simulated fleet: many small SSH servers that answer by script and run nothing. */
interface Host {
  server: SshServer;
  behaviour: Behaviour;
  executions: number;
}

const hosts: Host[] = [];

// The parent's end, however it comes, ends us too.
process.on('disconnect', () => process.exit(0));
process.on('message', (request: FleetRequest) => {
  void handle(request).then(() => process.send?.(reply(request.id)));
});

function reply(id: number): FleetReply {
  return {
    id,
    executions: hosts.map((host) => host.executions),
    connections: hosts.reduce((sum, host) => sum + host.server.connections, 0),
  };
}

async function handle(request: FleetRequest): Promise<void> {
  switch (request.kind) {
    case 'start': {
      const hostKey = readFileSync(request.keyFile, 'utf8');
      for (const host of request.hosts)
        hosts.push(await startHost(host, hostKey, request.publicLine, request.behaviour));
      return;
    }
    case 'behave':
      for (const index of request.hosts) {
        const host = hosts[index];
        if (host) host.behaviour = request.behaviour;
      }
      return;
    case 'counts':
      return;
  }
}

async function startHost(
  { address, port }: SimulatedHost,
  hostKey: string,
  publicLine: string,
  behaviour: Behaviour,
): Promise<Host> {
  const state = { behaviour, executions: 0 };
  const server = await listenSsh({
    address,
    port,
    hostKeys: [hostKey],
    authorizedKeys: [publicLine],
    admit: () => state.behaviour.refuseSignIn !== true,
    onExec: (request) => {
      state.executions++;
      if (state.behaviour.cut) server.cut();
      else answer(request, state.behaviour);
    },
  });
  return Object.assign(state, { server });
}

const filler = Buffer.alloc(32 * 1024, 'simulated output\n');

/** Reads the script that the command announces (`head -c N`), so that senders see a whole delivery; then answers. */
function answer({ command, channel, onSignal }: ExecRequest, behaviour: Behaviour): void {
  let expected = Number(command.match(/head -c (\d+)/)?.[1] ?? 0);
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const end = (how: number | string) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    if (typeof how === 'number') channel.exit(how);
    else channel.exit(how);
    channel.end();
  };
  const begin = async () => {
    if (behaviour.output) channel.write(behaviour.output);
    for (let left = behaviour.outputBytes ?? 0; left > 0 && !over; left -= filler.length) {
      if (!channel.write(filler.subarray(0, Math.min(left, filler.length))))
        await new Promise((resolve) => channel.once('drain', resolve));
    }
    timer = setTimeout(() => end(behaviour.exitCode ?? 0), behaviour.latencyMs ?? 0);
  };
  onSignal(end);
  channel.once('close', () => end(255));
  channel.on('data', (chunk: Buffer) => {
    if (expected <= 0) {
      // What follows the script is the wrapper's control line.
      const word = chunk.toString('latin1').trim();
      if (word === 'TERM' || word === 'KILL') end(word === 'TERM' ? 143 : 137);
      return;
    }
    expected -= chunk.length;
    if (expected <= 0) void begin();
  });
  if (expected === 0) void begin();
}
