import {
  type Channel,
  createClient,
  createServer,
  generateKeyPair,
  type Primitives,
  tweetnaclPrimitives,
} from '@omanager/secure-channel';
import { loadPrimitives } from '../../apps/server/src/channel/sodiumPrimitives.ts';

interface Figure {
  name: string;
  value: number;
  unit: string;
}

const BUDGET_MS = 500;
const SIZES = [256, 4096, 65_536];

/**
 * What the sealed channel costs in CPU on one core, no sockets involved: whole handshakes (both ends) and messages
 * (seal at one end, open at the other), with tweetnacl and, where it loads, with sodium-native.
 */
export async function benchChannel(): Promise<Figure[]> {
  const native = await loadPrimitives();
  const kinds = native.name === tweetnaclPrimitives.name ? [native] : [tweetnaclPrimitives, native];
  return kinds.flatMap((crypto) => [
    { name: `channel: handshakes, both ends, ${crypto.name}`, value: handshakesPerSecond(crypto), unit: '1/s' },
    ...SIZES.map((size) => ({
      name: `channel: seal and open ${size} B, ${crypto.name}`,
      value: megabytesPerSecond(crypto, size),
      unit: 'MB/s',
    })),
  ]);
}

function handshakesPerSecond(crypto: Primitives): number {
  const [serverKeys, clientKeys] = [generateKeyPair(crypto), generateKeyPair(crypto)];
  return perCpuSecond(() => {
    const { client, server } = connect(crypto, serverKeys, clientKeys);
    client.close();
    server.close();
  });
}

function megabytesPerSecond(crypto: Primitives, size: number): number {
  const { client, server } = connect(crypto, generateKeyPair(crypto), generateKeyPair(crypto));
  const payload = crypto.randomBytes(size);
  return (perCpuSecond(() => void server.receive(client.seal(payload))) * size) / 1e6;
}

function connect(
  crypto: Primitives,
  serverKeyPair: ReturnType<typeof generateKeyPair>,
  clientKeyPair: typeof serverKeyPair,
) {
  const client = createClient({ serverPublicKey: serverKeyPair.publicKey, clientKeyPair, crypto });
  const server = createServer({ serverKeyPair, authorize: () => true, crypto });
  const ends: [Channel, Channel] = [server, client];
  let command: Uint8Array | undefined = client.start() ?? undefined;
  while (command) {
    const answer = ends[0].receive(command);
    if (answer instanceof Promise) throw new Error('authorize answers at once here');
    command = answer.send?.[0];
    ends.reverse();
  }
  return { client, server };
}

/** How often `work` runs in one second of this process's CPU time; other processes on the machine do not count. */
function perCpuSecond(work: () => void): number {
  for (let warm = 0; warm < 20; warm += 1) work();
  const start = process.cpuUsage();
  let times = 0;
  let usedMs = 0;
  while (usedMs < BUDGET_MS) {
    for (let batch = 0; batch < 10; batch += 1) work();
    times += 10;
    const { user, system } = process.cpuUsage(start);
    usedMs = (user + system) / 1000;
  }
  return times / (usedMs / 1000);
}
