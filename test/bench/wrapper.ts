import { randomBytes } from 'node:crypto';
import { createConversation, createMarks, renderShell, wrapperCommand, wrapScript } from '@omanager/task-module';
import ssh2 from 'ssh2';
import { startRig } from '../runs/rig.ts';
import { figureOf, printFigures, timed } from './figures.ts';

const hosts = 200;
const parallel = 64;

/**
 * What a host spends on us: the same command on warm connections of one ssh2 loop, bare, in the smallest wrapper that
 * checks its script and obeys a control line, and in ours. Client and hosts share the machine.
 */
export async function benchWrapper(rounds: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const rig = await startRig({ hosts, sshd: { config: ['LogLevel ERROR'] } });
  stack.defer(() => rig.stop());
  const clients: ssh2.Client[] = [];
  stack.defer(() => {
    for (const client of clients) client.end();
  });
  for (const host of rig.sshd.addresses) {
    clients.push(
      await new Promise((resolve, reject) => {
        const client = new ssh2.Client();
        client.once('ready', () => resolve(client)).once('error', reject);
        client.connect({
          host,
          port: rig.sshd.port,
          username: rig.user.name,
          privateKey: rig.key.privateKey,
          hostVerifier: () => true,
        });
      }),
    );
  }
  const ways: Record<string, (client: ssh2.Client, body: string, host: number) => Promise<void>> = {
    bare: (client, body) => exec(client, `exec ${body}`, []),
    'smallest wrapper': smallest,
    'our wrapper': ours,
  };
  const times: Record<string, number[]> = {};
  for (let i = 0; i < rounds + 1; i++) {
    for (const [way, run] of Object.entries(ways)) {
      for (const body of ['true', 'uptime']) {
        const took = await timed(() => onAll(clients, (client, host) => run(client, body, host)));
        // The first round compiles.
        if (i === 0) continue;
        const name = `${body}, ${way}`;
        times[name] = [...(times[name] ?? []), took];
      }
    }
  }
  printFigures(
    `one command on ${hosts} warm connections, ${parallel} at a time`,
    Object.entries(times).map(([name, values]) => figureOf(name, 'ms', values)),
  );
}

async function onAll(clients: ssh2.Client[], work: (client: ssh2.Client, host: number) => Promise<void>) {
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < clients.length; i = next++) {
      const client = clients[i];
      if (client) await work(client, i);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

function exec(client: ssh2.Client, command: string, input: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.resume();
      channel.stderr.resume();
      channel.on('close', (code: number) => (code === 0 ? resolve() : reject(new Error(`it ended with ${code}`))));
      for (const bytes of input) channel.write(bytes);
    });
  });
}

/** Reads the script whole, then runs it beside a reader of the control line. No record, no time-out, no drain. */
function smallest(client: ssh2.Client, body: string): Promise<void> {
  const mark = randomBytes(12).toString('hex');
  const script = Buffer.from(`${body}\n: ${mark}`);
  const wrapper = `s=$(head -c ${script.length}); case $s in *${mark}) ;; *) exit 97;; esac; trap : TERM; exec 3<&0
(trap : TERM; while IFS= read -r c; do case $c in TERM) kill -TERM 0;; KILL) kill -KILL 0;; esac; done) <&3 >/dev/null 2>&1 & r=$!
(trap - TERM; eval "$s") </dev/null 3<&- & b=$!
while :; do wait $b; x=$?; kill -0 $b 2>/dev/null || break; done; kill -KILL $r 2>/dev/null; exit $x`;
  return exec(client, `exec sh -c '${wrapper}'`, [script]);
}

function ours(client: ssh2.Client, body: string, host: number): Promise<void> {
  const marks = createMarks();
  const rendered = renderShell({ source: body, params: {}, env: { OM_RUN: 'bench', OM_ATTEMPT: '1' } });
  const script = wrapScript(rendered, { marks, timeoutMs: 300_000, record: `bench.${host}` });
  const { write } = createConversation({ marks, script, mode: 'at_once' }).start();
  return exec(client, wrapperCommand({ bytes: script.length, marks }), write);
}
