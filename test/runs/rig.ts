import type { Client } from '@omanager/client';
import {
  finalRunStates,
  type HostDraft,
  type HostRun,
  type OutputChunk,
  type ParamsIn,
  type Run,
} from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { generateKey, type KeyPair } from '../lab/keys.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { type ServerOptions, startServer, type TestServer } from '../lab/server.ts';
import { type Sshd, type SshdOptions, startSshd } from '../lab/sshd.ts';
import { createUser, type LabUser, type LabUserOptions } from '../lab/users.ts';

/** A real sshd on many addresses, a real server and an admin who has made its hosts known. */
export interface Rig {
  sshd: Sshd;
  user: LabUser;
  key: KeyPair;
  server: TestServer;
  admin: Operator;
  client: Client;
  stop(): Promise<void>;
}

export interface RigOptions {
  hosts: number;
  user?: LabUserOptions;
  sshd?: SshdOptions;
  server?: ServerOptions;
  sudoPassword?: boolean;
}

export async function startRig({
  hosts,
  user: userOptions = {},
  sshd: sshdOptions = {},
  server: serverOptions,
  sudoPassword,
}: RigOptions): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const key = generateKey();
  const user = await createUser({ authorizedKey: key.publicLine, ...userOptions });
  stack.defer(() => user.remove());
  const sshd = await startSshd({ addresses: hosts, ...sshdOptions });
  stack.defer(() => sshd.stop());
  const server = await startServer(serverOptions);
  stack.defer(() => server.stop());
  const admin = await enrolAdmin(server);
  stack.defer(() => admin.client.close());
  const { client } = admin;
  const secret = {
    kind: 'key' as const,
    privateKey: key.privateKey,
    ...(sudoPassword ? { sudoPassword: user.password } : {}),
  };
  await client.call('credentials.add', { name: 'lab', secret });
  await client.call('zones.save', { zone: { name: 'default', hostKeyPolicy: 'accept' } });
  const drafts = sshd.addresses.map((address, i) => ({
    name: hostName(i),
    address,
    port: sshd.port,
    user: user.name,
    credential: 'lab',
  }));
  await addHosts(client, drafts);
  const kept = stack.move();
  return { sshd, user, key, server, admin, client, stop: () => kept.disposeAsync() };
}

export const hostName = (i: number): string => `h-${String(i + 1).padStart(3, '0')}`;

export async function addHosts(
  client: Client,
  hosts: (Pick<HostDraft, 'name' | 'address' | 'user'> & Partial<HostDraft>)[],
): Promise<void> {
  const text = JSON.stringify(hosts);
  const { digest, problems } = await client.call('hosts.importPreview', { format: 'yaml', text });
  if (problems.length > 0) throw new Error(`the lab's inventory is wrong: ${JSON.stringify(problems)}`);
  await client.call('hosts.importApply', { format: 'yaml', text, digest });
}

/** Plans and starts; answers the run as it was acknowledged. */
export async function start(client: Client, asked: ParamsIn<'runs.plan'>): Promise<Run> {
  const plan = await client.call('runs.plan', asked);
  const confirm = plan.gate.kind === 'confirm' ? { confirm: plan.gate.phrase } : {};
  return client.call('runs.start', { planId: plan.id, digest: plan.digest, runId: uuid(), ...confirm });
}

/** Follows a run to its end. */
export async function finished(client: Client, runId: string): Promise<Run> {
  for await (const { run } of client.stream('runs.watch', { runId, hosts: false })) {
    if (finalRunStates.has(run.state)) return run;
  }
  throw new Error('the stream ended before the run did');
}

export async function runOn(client: Client, asked: ParamsIn<'runs.plan'>): Promise<{ run: Run; hosts: HostRun[] }> {
  const { id } = await start(client, asked);
  return { run: await finished(client, id), hosts: await hostsOf(client, id) };
}

export async function hostsOf(client: Client, runId: string): Promise<HostRun[]> {
  const all: HostRun[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.call('runs.hosts', { runId, limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...page.items);
    if (page.next === undefined) return all;
    cursor = page.next;
  }
}

export async function outputOf(
  client: Client,
  runId: string,
  ordinal: number,
  stream: OutputChunk['stream'] = 'stdout',
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let after = 0; ; ) {
    const { chunks, more } = await client.call('runs.output', { runId, ordinal, after, maxBytes: 1_048_576 });
    parts.push(...chunks.filter((chunk) => chunk.stream === stream).map(({ data }) => Buffer.from(data, 'base64')));
    after = chunks.at(-1)?.seq ?? after;
    if (!more) return Buffer.concat(parts);
  }
}
