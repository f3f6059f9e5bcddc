import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
import { stringify } from 'yaml';
import { generateKey, type KeyPair } from '../lab/keys.ts';
import { enrolAdmin, type Operator } from '../lab/operators.ts';
import { type ServerOptions, startServer, type TestServer } from '../lab/server.ts';
import { type Sshd, type SshdOptions, startSshd } from '../lab/sshd.ts';
import { createUser, type LabUser, type LabUserOptions } from '../lab/users.ts';
import { createWorkspace } from '../lab/workspace.ts';

/** A real sshd on many addresses, a real server and an admin who has made its hosts known. */
export interface Rig {
  sshd: Sshd;
  user: LabUser;
  key: KeyPair;
  server: TestServer;
  admin: Operator;
  client: Client;
  /** Makes one more unix user, known as a host of this name on the sshd's first address. */
  addUser(hostName: string, options?: RigUserOptions): Promise<LabUser>;
  stop(): Promise<void>;
}

export interface RigUserOptions extends LabUserOptions {
  /** The sudo password of the host's credential. Default: none. */
  sudoPassword?: 'right' | 'wrong';
  environment?: string;
}

/** A manifest as data. */
export type ModuleFile = { id: string } & Record<string, unknown>;

export interface RigOptions {
  hosts: number;
  user?: LabUserOptions;
  sshd?: SshdOptions;
  server?: ServerOptions;
  sudoPassword?: boolean;
  /** The site's own modules. */
  modules?: ModuleFile[];
}

export async function startRig({
  hosts,
  user: userOptions = {},
  sshd: sshdOptions = {},
  server: serverOptions = {},
  sudoPassword,
  modules = [],
}: RigOptions): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const key = generateKey();
  const user = await createUser({ authorizedKey: key.publicLine, ...userOptions });
  stack.defer(() => user.remove());
  const sshd = await startSshd({ addresses: hosts, ...sshdOptions });
  stack.defer(() => sshd.stop());
  const workspace = createWorkspace('modules');
  stack.defer(() => workspace.remove());
  const server = await startServer({
    ...serverOptions,
    env: {
      OM_MODULE_DIR: moduleFolder(workspace.dir, modules),
      // No test may depend on how busy the machine is.
      OM_SSH_CONNECT_SECONDS: '30',
      ...serverOptions.env,
    },
  });
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

  async function addUser(
    name: string,
    { sudoPassword: given, environment, ...options }: RigUserOptions = {},
  ): Promise<LabUser> {
    const added = await createUser({ authorizedKey: key.publicLine, ...options });
    kept.defer(() => added.remove());
    const sudo =
      given === undefined ? {} : { sudoPassword: given === 'right' ? added.password : `not-${added.password}` };
    await client.call('credentials.add', { name, secret: { kind: 'key', privateKey: key.privateKey, ...sudo } });
    const place = { name, address: sshd.address, port: sshd.port, user: added.name, credential: name };
    await addHosts(client, [{ ...place, ...(environment === undefined ? {} : { environment }) }]);
    return added;
  }

  return { sshd, user, key, server, admin, client, addUser, stop: () => kept.disposeAsync() };
}

/** Writes manifests as a site keeps them: in a folder that only its owner may write. */
export function moduleFolder(dir: string, modules: readonly ModuleFile[]): string {
  const folder = join(dir, 'modules');
  mkdirSync(folder, { mode: 0o700 });
  for (const module of modules)
    writeFileSync(join(folder, `${module.id}.yaml`), stringify({ title: module.id, risk: 'read', ...module }), {
      mode: 0o600,
    });
  return folder;
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
  const confirm = plan.gate.kind !== 'none' ? { confirm: plan.gate.phrase, reason: 'asked for by a test' } : {};
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
