import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Behaviour, FleetReply, FleetRequest, Sent, SimulatedHost } from './fleet.ts';
import { type ExecRequest, listenSsh, type SshServer } from './sshServer.ts';

/** One process of the simulated fleet: many small SSH servers that answer by script and run nothing. */
interface Host {
  server: SshServer;
  behaviour: Behaviour;
  executions: number;
  /** What the last command that ended has written to standard output. */
  sent: Sent | null;
}

const hosts: Host[] = [];

// The parent's end, however it comes, ends us too.
process.on('disconnect', () => process.exit(0));
process.on('message', (request: FleetRequest) => {
  void handle(request).then(() => process.send?.(reply(request)));
});

function reply({ id, kind }: FleetRequest): FleetReply {
  return {
    id,
    sent: kind === 'sent' ? hosts.map((host) => host.sent) : [],
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
    case 'sent':
      return;
  }
}

async function startHost(
  { address, port }: SimulatedHost,
  hostKey: string,
  publicLine: string,
  behaviour: Behaviour,
): Promise<Host> {
  const state: Omit<Host, 'server'> = { behaviour, executions: 0, sent: null };
  const server = await listenSsh({
    address,
    port,
    hostKeys: [hostKey],
    authorizedKeys: [publicLine],
    admit: () => state.behaviour.refuseSignIn !== true,
    onExec: (request) => {
      state.executions++;
      if (state.behaviour.cut) server.cut();
      else
        answer(request, state.behaviour, (sent) => {
          state.sent = sent;
        });
    },
  });
  return Object.assign(state, { server });
}

const block = Buffer.alloc(32 * 1024, 'simulated output, one line after the other\n');

/** Output in which no two blocks are the same, so that a piece that is missing, doubled or out of place shows. */
function fill(index: number, bytes: number): Buffer {
  const next = Buffer.from(block.subarray(0, bytes));
  next.write(String(index).padStart(10, '0').slice(0, bytes), 'latin1');
  return next;
}

/**
 * Reads the script that the command announces (`head -c N`), so that senders see a whole delivery, says that it began
 * where the script is OManager's wrapper (its nonce stands in it), and answers.
 */
function answer({ command, channel, onSignal }: ExecRequest, behaviour: Behaviour, report: (sent: Sent) => void): void {
  let expected = Number(command.match(/head -c (\d+)/)?.[1] ?? 0);
  let script = '';
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  let drained = () => {};
  const end = (how: number | string) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    drained();
    if (typeof how === 'number') channel.exit(how);
    else channel.exit(how);
    channel.end();
  };
  const begin = async () => {
    const nonce = script.match(/^om_nonce='?([a-z0-9]+)/m)?.[1];
    if (nonce !== undefined) channel.stderr.write(`${nonce} start 4242 simulated 1\n`);
    await write();
    timer = setTimeout(() => end(behaviour.exitCode ?? 0), behaviour.latencyMs ?? 0);
  };
  const write = async () => {
    const { output, outputBytes = 0, hashBytes = 0 } = behaviour;
    if (output) channel.write(output);
    const hash = createHash('sha256');
    let bytes = 0;
    for (let index = 0; bytes < outputBytes && !over; index++) {
      const next = fill(index, Math.min(outputBytes - bytes, block.length));
      if (bytes < hashBytes) hash.update(next.subarray(0, hashBytes - bytes));
      bytes += next.length;
      if (channel.write(next) || over) continue;
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    }
    report({ bytes, firstSha256: hash.digest('hex') });
  };
  onSignal(end);
  channel.on('drain', () => drained());
  channel.once('close', () => end(255));
  channel.on('data', (chunk: Buffer) => {
    if (expected <= 0) {
      // What follows the script is the wrapper's control line.
      const word = chunk.toString('latin1').trim().split('\n').at(-1);
      if (word === 'TERM' || word === 'KILL') end(word === 'TERM' ? 143 : 137);
      return;
    }
    script += chunk.toString('latin1', 0, expected);
    expected -= chunk.length;
    if (expected <= 0) void begin();
  });
  if (expected === 0) void begin();
}
