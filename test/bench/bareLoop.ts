/**
 * The fastest honest comparison: plain ssh2, no pool, no store, no server. A child process that connects to all hosts
 * and sends each the same wrapped script as OMServer does. Lines on stdin: `cold`, `warm` or `close`; answers milliseconds.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createConversation, createMarks, renderShell, wrapperCommand, wrapScript } from '@omanager/task-module';
import ssh2 from 'ssh2';

interface Task {
  addresses: string[];
  port: number;
  username: string;
  privateKey: string;
  parallel: number;
  source: string;
  /** Output is read and thrown away, not even looked at. */
  discard?: boolean;
}

const task: Task = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const key = ssh2.utils.parseKey(task.privateKey);
if (key instanceof Error) throw key;
let clients: ssh2.Client[] = [];

function connect(host: string): Promise<ssh2.Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.once('ready', () => resolve(client)).once('error', reject);
    client.connect({
      host,
      port: task.port,
      username: task.username,
      privateKey: task.privateKey,
      readyTimeout: 60_000,
      hostVerifier: () => true,
      algorithms: { cipher: ['aes128-gcm@openssh.com'] },
    });
  });
}

function run(client: ssh2.Client, host: string): Promise<void> {
  const marks = createMarks();
  const rendered = renderShell({
    source: task.source,
    params: {},
    env: { OM_RUN: 'bench', OM_ATTEMPT: '1', OM_HOST: host },
  });
  const script = wrapScript(rendered, { marks, timeoutMs: 300_000, record: `bench.${host}` });
  const talk = createConversation({ marks, script, mode: 'at_once' });
  return new Promise((resolve, reject) => {
    client.exec(wrapperCommand({ bytes: script.length, marks }), (error, channel) => {
      if (error) return reject(error);
      const out: Uint8Array[] = [];
      channel.on('data', (chunk: Buffer) => {
        if (!task.discard || out.length === 0) out.push(talk.onStdout(chunk).stdout);
      });
      channel.stderr.on('data', (chunk: Buffer) => talk.onStderr(chunk));
      channel.on('close', (code: number | null) => {
        const { failed } = talk.onClose(code ?? undefined);
        if (failed || code !== 0 || Buffer.concat(out).length === 0)
          reject(new Error(`${host}: ${failed?.message ?? code}`));
        else resolve();
      });
      for (const bytes of talk.start().write) channel.write(bytes);
    });
  });
}

async function all(work: (host: string, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < task.addresses.length; i = next++) await work(task.addresses[i] ?? '', i);
  };
  await Promise.all(Array.from({ length: task.parallel }, lane));
}

async function closeAll(): Promise<void> {
  const closed = clients.map((client) => new Promise<void>((resolve) => client.once('close', () => resolve())));
  for (const client of clients) client.end();
  await Promise.all(closed);
  clients = [];
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'warm') await closeAll();
  if (line === 'close') {
    console.log('0');
    continue;
  }
  const began = performance.now();
  const made: ssh2.Client[] = [...clients];
  await all(async (host, i) => {
    const client = made[i] ?? (await connect(host));
    made[i] = client;
    await run(client, host);
  });
  clients = made;
  console.log((performance.now() - began).toFixed(1));
}
await closeAll();
