import { cpSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { contract, type MethodName, type RpcId } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { startMariadb } from '../lab/mariadb.ts';
import { apiToken, enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { openRawChannel, outcomeOf, postRpc, type RawChannel, type RawMessage } from '../lab/rawChannel.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { addHosts, start } from '../runs/rig.ts';

/** The requirement: what is taken away is gone everywhere within this time. */
const withinMs = 2000;
/** On MariaDB there are two server processes, and what is done in the first takes hold in the second. */
const twoProcesses = has('mariadb');

const stack = new AsyncDisposableStack();
let servers: TestServer[];
let admin: Operator;
let bystander: Followed[];
let runId: string;

beforeAll(async () => {
  const env = { OM_SSH_CONNECT_SECONDS: '300', OM_STOP_SECONDS: '1' };
  if (twoProcesses) {
    const mariadb = await startMariadb();
    stack.defer(() => mariadb.stop());
    const database = await mariadb.createDatabase();
    const first = await startServer({ database, env });
    stack.defer(() => first.stop());
    admin = await enrolAdmin(first);
    // The same keys, the same database: one server for its clients.
    const workspace = createWorkspace('second');
    stack.defer(() => workspace.remove());
    const dataDir = join(workspace.dir, 'data');
    cpSync(first.dataDir, dataDir, { recursive: true });
    const second = await startServer({ database, env, dataDir });
    stack.defer(() => second.stop());
    servers = [first, second];
  } else {
    const only = await startServer({ env });
    stack.defer(() => only.stop());
    admin = await enrolAdmin(only);
    servers = [only];
  }
  stack.defer(() => admin.client.close());
  runId = await startEndlessRun();
  bystander = await followEverywhere(await enrolUser(admin, 'bystander', 'auditor'));
});
afterAll(() => stack.disposeAsync());

/** A run whose only server takes the connection and then says nothing: streams of it do not end by themselves. */
async function startEndlessRun(): Promise<string> {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  stack.defer(() => void silent.close());
  await waitFor('the silent server listens', () => silent.listening);
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('the silent server has no port');
  await admin.client.call('credentials.add', { name: 'lab', secret: { kind: 'password', password: 'unused' } });
  await addHosts(admin.client, [
    { name: 'silent', address: '127.0.0.1', port: address.port, user: 'lab', credential: 'lab' },
  ]);
  const run = await start(admin.client, { module: 'system.uptime', selector: 'silent' });
  stack.defer(async () => void (await admin.client.call('runs.abort', { runId: run.id })));
  return run.id;
}

/** These end by themselves, at once here: there is next to nothing to go through. */
const endsByItself: readonly MethodName[] = ['runs.search', 'audit.export', 'commands.export', 'ledger.verify'];
/** Those of one terminal have one of their own to look at: test/terminals/{rights,files}.test.ts. */
const ofTerminals = /^(terminals\.|recordings\.play$|files\.)/;
const streamNames = (Object.keys(contract) as MethodName[]).filter(
  (name) => contract[name].kind === 'stream' && !endsByItself.includes(name) && !ofTerminals.test(name),
);

function paramsOf(name: MethodName): object {
  if (name === 'runs.watchList' || !name.startsWith('runs.')) return {};
  return name === 'runs.tail' ? { runId, ordinal: 0 } : { runId };
}

/** One connection with every stream of the contract open. */
interface Followed {
  channel: RawChannel;
  /** Streams that have ended: with which error, or the close code of the connection. */
  ended(): Promise<Record<string, string>>;
}

async function follow(server: TestServer, person: Operator): Promise<Followed> {
  const { serverPublicKey, keyPair, session } = person;
  const channel = await openRawChannel({ url: server.url, serverPublicKey, keyPair });
  stack.defer(() => channel.close());
  expect(outcomeOf(await channel.call('access.resume', { session }))).toBe('ok');
  const names = new Map<unknown, string>();
  for (const name of streamNames) {
    const { result } = await channel.call(name, paramsOf(name));
    names.set((result as { stream: RpcId }).stream, name);
  }
  let closed: number | undefined;
  void channel.closed.then(({ code }) => {
    closed = code;
  });
  return {
    channel,
    async ended() {
      if (closed !== undefined) return Object.fromEntries(streamNames.map((name) => [name, String(closed)]));
      return Object.fromEntries(
        channel.unasked.flatMap(({ method, params: told }) =>
          method === 'stream.end'
            ? [[names.get(told?.stream) ?? 'unknown', told?.error?.data?.code ?? 'no error']]
            : [],
        ),
      );
    },
  };
}

const followEverywhere = (person: Operator) => Promise.all(servers.map((server) => follow(server, person)));

async function endsEverywhere(followed: Followed[], expected: Record<string, string>): Promise<void> {
  const states = () => Promise.all(followed.map(({ ended }) => ended()));
  const wanted = followed.map(() => expected);
  await waitFor(
    'the streams end',
    async () => JSON.stringify(await states()) === JSON.stringify(wanted),
    withinMs,
  ).catch(async () => expect(await states()).toEqual(wanted));
}

const all = (how: string) => Object.fromEntries(streamNames.map((name) => [name, how]));

describe(`streams end within ${withinMs} ms${twoProcesses ? ', also in another server process' : ''}`, () => {
  it('asks about every stream of the contract', () => expect(streamNames).toHaveLength(10));

  it('when the role no longer carries the permission: that stream, and no other', async () => {
    const person = await enrolUser(admin, 'demoted', 'auditor');
    const followed = await followEverywhere(person);
    await admin.client.call('users.setRole', { name: person.userName, role: 'viewer' });
    const lost = streamNames.filter((name) => ['audit.read', 'recording.read'].includes(contract[name].permission));
    await endsEverywhere(followed, Object.fromEntries(lost.map((name) => [name, 'FORBIDDEN'])));
    for (const { channel } of followed) {
      for (const name of streamNames) {
        expect(outcomeOf(await channel.call(name, paramsOf(name)))).toBe(lost.includes(name) ? 'FORBIDDEN' : 'ok');
      }
    }
    person.client.close();
  });

  const revocations: Record<string, (person: Operator) => Promise<unknown>> = {
    'the session is revoked': async (person) => {
      const { items } = await person.client.call('sessions.list', { mine: true });
      for (const { id } of items) await admin.client.call('sessions.revoke', { id });
    },
    'the device is revoked': async (person) => {
      const { items } = await person.client.call('devices.list', { mine: true });
      for (const { id } of items) await admin.client.call('devices.revoke', { id });
    },
    'the user is removed': (person) => admin.client.call('users.remove', { name: person.userName }),
    'the user signs out elsewhere': (person) => person.client.call('access.signOut', {}),
  };
  it.each(Object.keys(revocations))('when %s', async (what) => {
    const person = await enrolUser(admin, `user-${uuid().slice(-8)}`, 'auditor');
    const followed = await followEverywhere(person);
    await revocations[what]?.(person);
    await endsEverywhere(followed, all('4401'));
    person.client.close();
  });

  it('a revoked token, a demoted owner and a removed one: the next call is refused', async () => {
    const owner = await enrolUser(admin, 'owner', 'operator');
    const secrets = [await apiToken(owner, 'operator', 'one'), await apiToken(owner, 'operator', 'two')];
    const refused = async (secret = '', expected: string) => {
      for (const { url } of servers) expect(await listWith(url, secret)).toBe(expected);
    };
    for (const secret of secrets) await refused(secret, 'ok');
    const { items } = await owner.client.call('tokens.list', { mine: true });
    await owner.client.call('tokens.revoke', { id: items.find(({ name }) => name === 'one')?.id ?? '' });
    await refused(secrets[0], 'UNAUTHENTICATED');
    await admin.client.call('users.setRole', { name: owner.userName, role: 'viewer' });
    await refused(secrets[1], 'FORBIDDEN');
    await admin.client.call('users.remove', { name: owner.userName });
    await refused(secrets[1], 'UNAUTHENTICATED');
    owner.client.close();

    async function listWith(url: string, secret: string): Promise<string> {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'credentials.list', params: {} });
      const { answer } = await postRpc(url, body, { authorization: `Bearer ${secret}` });
      return outcomeOf(answer as RawMessage);
    }
  });

  it('and nobody else’s', async () => {
    for (const { channel, ended } of bystander) {
      expect(await ended()).toEqual({});
      expect(outcomeOf(await channel.call('access.whoami'))).toBe('ok');
    }
  });
});
