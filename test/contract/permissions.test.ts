import { contract, isGatePermission, type MethodName, permissionsOf, type Role, roles } from '@omanager/contract';
import { encodeKey, generateKeyPair } from '@omanager/secure-channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpCode, totpStep } from '../../apps/server/src/features/access/totp.ts';
import { apiToken, enrolAdmin, enrolUser, type Operator } from '../lab/operators.ts';
import { openRawChannel, outcomeOf, postRpc, type RawChannel, type RawMessage } from '../lab/rawChannel.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { fromBase32 } from './base32.ts';

const methods = Object.keys(contract) as MethodName[];
/** No method takes this: whoever may call it learns of the mistake, whoever may not is refused before. */
const wrongParams = { 'no such parameter': 1 };

let server: TestServer;
let admin: Operator;
const people = new Map<Role, Operator>();
const raw: RawChannel[] = [];

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  people.set('admin', admin);
  for (const role of roles) if (role !== 'admin') people.set(role, await enrolUser(admin, `a-${role}`, role));
});
afterAll(async () => {
  for (const channel of raw) channel.close();
  for (const { client } of people.values()) client.close();
  await server?.stop();
});

async function open(keyPair = generateKeyPair()): Promise<RawChannel> {
  const channel = await openRawChannel({ url: server.url, serverPublicKey: admin.serverPublicKey, keyPair });
  raw.push(channel);
  return channel;
}

/** What every method answers: by the caller's kind, computed here and not by the server's code. */
function expected(answerOf: (name: MethodName) => string): Record<string, string> {
  return Object.fromEntries(methods.map((name) => [name, answerOf(name)]));
}

async function outcomes(call: (name: MethodName) => Promise<RawMessage>): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(methods.map(async (name) => [name, outcomeOf(await call(name))])));
}

const overChannel = (channel: RawChannel) => outcomes((name) => channel.call(name, wrongParams));

const overRpc = (headers: Record<string, string>) =>
  outcomes(async (name) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: crypto.randomUUID(), method: name, params: wrongParams });
    const { answer } = await postRpc(server.url, body, headers);
    if (!answer || Array.isArray(answer)) throw new Error('one answer was expected');
    return answer;
  });

const reached = 'INVALID_PARAMS';

describe('who may call what', () => {
  it('asks about every method of the contract', () => {
    expect(methods).toHaveLength(157);
    expect(new Set(methods.map((name) => contract[name].kind))).toEqual(new Set(['query', 'change', 'stream']));
  });

  it('a key that is not enrolled reaches only enrol', async () => {
    expect(await overChannel(await open())).toEqual(
      expected((name) => (contract[name].permission === 'enrol' ? reached : 'NOT_ENROLLED')),
    );
  });

  it('a device where nobody is signed in reaches what comes before a session', async () => {
    const device = await open(people.get('viewer')?.keyPair);
    expect(await overChannel(device)).toEqual(
      expected((name) => {
        const { permission } = contract[name];
        if (permission === 'enrol' || permission === 'signin') return reached;
        return permission === 'totp' || permission === 'worker' ? 'FORBIDDEN' : 'UNAUTHENTICATED';
      }),
    );
  });

  it('a zone worker reaches its own methods, and no others; when it is revoked, nothing', async () => {
    const keyPair = generateKeyPair();
    const worker = { name: 'w-1', zone: 'default', publicKey: encodeKey(keyPair.publicKey) };
    await admin.client.call('workers.add', worker);
    const channel = await open(keyPair);
    expect(await overChannel(channel)).toEqual(
      expected((name) => (contract[name].permission === 'worker' ? reached : 'FORBIDDEN')),
    );
    expect(methods.filter((name) => contract[name].permission === 'worker')).toHaveLength(4);
    await admin.client.call('workers.revoke', { name: 'w-1' });
    expect(await channel.closed).toMatchObject({ code: 4401 });
    expect(await overChannel(await open(keyPair))).toEqual(
      expected((name) => (contract[name].permission === 'enrol' ? reached : 'NOT_ENROLLED')),
    );
  });

  it('while the second factor is missing, only its code is taken; a code works once (T5)', async () => {
    const careful = await enrolUser(admin, 'careful', 'admin');
    const { secret } = await careful.client.call('access.beginTotp', { password: careful.password });
    const seed = fromBase32(secret);
    const code = (stepsAhead: number) => totpCode(seed, totpStep(Date.now()) + stepsAhead);
    await careful.client.call('access.confirmTotp', { code: code(-1) });
    careful.client.close();
    const signIn = { userName: careful.userName, password: careful.password };
    const [first, second] = [await open(careful.keyPair), await open(careful.keyPair)];
    for (const channel of [first, second]) {
      expect(await channel.call('access.signIn', signIn)).toMatchObject({ result: { next: 'totp', session: null } });
    }
    expect(await overChannel(first)).toEqual(
      expected((name) => (contract[name].permission === 'totp' ? reached : 'TOTP_REQUIRED')),
    );
    const now = code(0);
    expect(outcomeOf(await first.call('access.verifyTotp', { code: now }))).toBe('ok');
    expect(outcomeOf(await second.call('access.verifyTotp', { code: now }))).toBe('BAD_CREDENTIALS');
    expect(outcomeOf(await first.call('access.whoami'))).toBe('ok');
    expect(outcomeOf(await second.call('access.whoami'))).toBe('TOTP_REQUIRED');
  });

  it.each(roles)('a signed-in %s reaches what the role carries', async (role) => {
    const person = people.get(role);
    const channel = await open(person?.keyPair);
    expect(outcomeOf(await channel.call('access.resume', { session: person?.session }))).toBe('ok');
    expect(await overChannel(channel)).toEqual(
      expected((name) => {
        const { permission } = contract[name];
        if (isGatePermission(permission)) return permission === 'signin' ? reached : 'FORBIDDEN';
        return permissionsOf[role].has(permission) ? reached : 'FORBIDDEN';
      }),
    );
  });

  it.each(['admin', 'auditor'] as const)(
    'POST /rpc with tokens of an %s reaches what token and owner both may, never grants access and opens no terminal',
    async (owned) => {
      const owner = await enrolUser(admin, `owner-${owned}`, 'admin');
      const tokens = await Promise.all(
        roles.map(async (role) => ({ role, secret: await apiToken(owner, role, `${role}-token`) })),
      );
      // The tokens of a demoted owner shrink with the owner.
      if (owned !== 'admin') await admin.client.call('users.setRole', { name: owner.userName, role: owned });
      owner.client.close();
      for (const { role, secret } of tokens) {
        expect(await overRpc({ authorization: `Bearer ${secret}` })).toEqual(
          expected((name) => {
            const { permission } = contract[name];
            if (isGatePermission(permission)) return permission === 'signin' ? reached : 'FORBIDDEN';
            const both = permissionsOf[owned].has(permission) && permissionsOf[role].has(permission);
            const byToken = !['access.write', 'terminal.open', 'terminal.control', 'file.read', 'file.write'].includes(
              permission,
            );
            return both && byToken ? reached : 'FORBIDDEN';
          }),
        );
      }
    },
  );

  it.each([
    ['no token', {}],
    ['a token nobody has', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['a session in place of a token', { authorization: 'session' }],
  ])('POST /rpc with %s reaches nothing', async (_what, headers: Record<string, string>) => {
    const given = headers.authorization === 'session' ? { authorization: `Bearer ${admin.session}` } : headers;
    expect(await overRpc(given)).toEqual(expected(() => 'UNAUTHENTICATED'));
  });

  it('a token signs nobody in and opens no stream', async () => {
    const authorization = `Bearer ${await apiToken(admin, 'admin', 'pipeline')}`;
    const call = async (method: string, params: object) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: crypto.randomUUID(), method, params });
      const { answer } = await postRpc(server.url, body, { authorization });
      return answer && !Array.isArray(answer) ? outcomeOf(answer) : 'none';
    };
    const { userName, password, session } = admin;
    expect(await call('access.signIn', { userName, password })).toBe('FORBIDDEN');
    expect(await call('access.resume', { session })).toBe('FORBIDDEN');
    expect(await call('access.changePassword', { current: password, next: 'another long password' })).toBe('FORBIDDEN');
    expect(await call('tokens.create', { name: 'more', role: 'admin' })).toBe('FORBIDDEN');
    const streams = methods.filter((name) => contract[name].kind === 'stream');
    expect(streams).toHaveLength(18);
    const run = { runId: crypto.randomUUID() };
    const params: Record<string, object> = {
      'access.watch': {},
      'audit.follow': {},
      'audit.export': {},
      'alerts.follow': {},
      'alerts.open': {},
      'recordings.follow': {},
      'commands.follow': {},
      'commands.export': {},
      'ledger.verify': {},
      'runs.watchList': {},
      'files.read': { host: 'web-1', path: '/etc/hosts' },
      'runs.tail': { ...run, ordinal: 0 },
      'runs.search': { ...run, pattern: 'x' },
    };
    const terminal = { id: crypto.randomUUID() };
    for (const name of streams) {
      const asked = /^(terminals|recordings)\./.test(name) ? terminal : run;
      // No token sits in front of a terminal, or goes through files.
      const answer = name === 'terminals.attach' || name === 'files.read' ? 'FORBIDDEN' : 'STREAM_ONLY';
      expect(await call(name, params[name] ?? asked), name).toBe(answer);
    }
  });
});
