import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { contract, type MethodName, maxBatch, maxDepth, maxMessageBytes } from '@omanager/contract';
import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { apiToken, enrolAdmin, type Operator } from '../lab/operators.ts';
import { openRawChannel, outcomeOf, postRpc, type RawChannel, type RawMessage } from '../lab/rawChannel.ts';
import { startServer, type TestServer } from '../lab/server.ts';

let server: TestServer;
let admin: Operator;
let channel: RawChannel;
let authorization: string;

beforeAll(async () => {
  server = await startServer();
  admin = await enrolAdmin(server);
  authorization = `Bearer ${await apiToken(admin)}`;
});
beforeEach(async () => {
  channel = await openRawChannel({ url: server.url, ...admin });
  expect(outcomeOf(await channel.call('access.resume', { session: admin.session }))).toBe('ok');
});
afterAll(async () => {
  admin?.client.close();
  await server?.stop();
});

const call = (method: string, params: unknown = {}, id: unknown = 1) => ({ jsonrpc: '2.0', id, method, params });
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const whoami = JSON.stringify(call('access.whoami'));
const inWhoami = (value: string) => `{"jsonrpc":"2.0","id":1,"method":"access.whoami","params":${value}}`;

/** What is sent, and the error that answers it. */
const malformed: Record<string, [message: string | Buffer, code: string]> = {
  nothing: ['', 'PARSE_ERROR'],
  'no JSON': ['hello', 'PARSE_ERROR'],
  'half of it': [whoami.slice(0, -5), 'PARSE_ERROR'],
  'two messages in one': [whoami + whoami, 'PARSE_ERROR'],
  'no UTF-8': [
    bytes('{"jsonrpc":"2.0","id":1,"method":"access.whoami","params":{"a":"', [0xc3, 0x28], '"}}'),
    'PARSE_ERROR',
  ],
  'UTF-16': [Buffer.from(whoami, 'utf16le'), 'PARSE_ERROR'],
  'an overlong encoding': [bytes('"', [0xc0, 0xaf], '"'), 'PARSE_ERROR'],
  'a byte order mark': [bytes([0xef, 0xbb, 0xbf], whoami), 'PARSE_ERROR'],
  'zero bytes': [Buffer.alloc(1000), 'PARSE_ERROR'],
  NaN: [inWhoami('NaN'), 'PARSE_ERROR'],
  null: ['null', 'INVALID_REQUEST'],
  'a number': ['1', 'INVALID_REQUEST'],
  'a string': ['"access.whoami"', 'INVALID_REQUEST'],
  'an empty object': ['{}', 'INVALID_REQUEST'],
  'an empty batch': ['[]', 'INVALID_REQUEST'],
  'a batch that is too large': [
    `[${Array(maxBatch + 1)
      .fill(whoami)
      .join(',')}]`,
    'INVALID_REQUEST',
  ],
  'a batch of a million numbers': [`[${'0,'.repeat(999_999)}0]`, 'INVALID_REQUEST'],
  'another version': [JSON.stringify({ ...call('access.whoami'), jsonrpc: '1.0' }), 'INVALID_REQUEST'],
  'no version': ['{"id":1,"method":"access.whoami"}', 'INVALID_REQUEST'],
  'an unknown field': [JSON.stringify({ ...call('access.whoami'), extra: 1 }), 'INVALID_REQUEST'],
  'no method': ['{"jsonrpc":"2.0","id":1}', 'INVALID_REQUEST'],
  'a method that is a number': [JSON.stringify({ ...call('x'), method: 1 }), 'INVALID_REQUEST'],
  'a method of 65 letters': [JSON.stringify(call('x'.repeat(65))), 'INVALID_REQUEST'],
  'params that are a list': [inWhoami('[]'), 'INVALID_REQUEST'],
  'params that are null': [inWhoami('null'), 'INVALID_REQUEST'],
  'an id that is null': [JSON.stringify(call('access.whoami', {}, null)), 'INVALID_REQUEST'],
  'an id that is an object': [JSON.stringify(call('access.whoami', {}, {})), 'INVALID_REQUEST'],
  'an id of half a number': [JSON.stringify(call('access.whoami', {}, 1.5)), 'INVALID_REQUEST'],
  'an id that is empty': [JSON.stringify(call('access.whoami', {}, '')), 'INVALID_REQUEST'],
  'an id that is too long': [JSON.stringify(call('access.whoami', {}, 'x'.repeat(65))), 'INVALID_REQUEST'],
  'an unknown method': [JSON.stringify(call('access.nothing')), 'METHOD_NOT_FOUND'],
  'a method of every object': [JSON.stringify(call('toString')), 'METHOD_NOT_FOUND'],
  'the method constructor': [JSON.stringify(call('constructor')), 'METHOD_NOT_FOUND'],
  'the method __proto__': [JSON.stringify(call('__proto__')), 'METHOD_NOT_FOUND'],
  'an unknown parameter': [inWhoami('{"extra":1}'), 'INVALID_PARAMS'],
  'the parameter __proto__': [inWhoami('{"__proto__":{"polluted":1}}'), 'INVALID_REQUEST'],
  'the parameter __proto__, escaped': [inWhoami('{"\\u005f_pr\\u006Fto__":{"polluted":1}}'), 'INVALID_REQUEST'],
  'the parameter constructor': [inWhoami('{"constructor":{"prototype":{"polluted":1}}}'), 'INVALID_PARAMS'],
  '__proto__ deep inside': [
    JSON.stringify(call('hosts.add', { host: { labels: 0 } })).replace('0}', '{"__proto__":"x"}}'),
    'INVALID_REQUEST',
  ],
  'a changing call without a UUID': [JSON.stringify(call('groups.add', { path: 'a' })), 'CALL_ID_REQUIRED'],
  'the deepest that is allowed': [inWhoami(`{"a":${nested('[', ']', maxDepth - 2)}}`), 'INVALID_PARAMS'],
  'one level more': [inWhoami(`{"a":${nested('[', ']', maxDepth - 1)}}`), 'TOO_LARGE'],
  '200,000 lists in each other': [nested('[', ']', 200_000), 'TOO_LARGE'],
  '200,000 objects in each other': [inWhoami(nested('{"a":', '}', 200_000).replace(':}', ':1}')), 'TOO_LARGE'],
  '200,000 lists that never end': ['['.repeat(200_000), 'TOO_LARGE'],
};

const one = (answer: RawMessage | RawMessage[] | null): RawMessage => {
  if (answer === null || Array.isArray(answer)) throw new Error('one answer was expected');
  return answer;
};

describe('a malformed message gets a typed error, and the server goes on', () => {
  const names = Object.keys(malformed);
  it('over the channel', async () => {
    const outcomes: Record<string, string> = {};
    for (const name of names) {
      channel.send(malformed[name]?.[0] ?? '');
      outcomes[name] = outcomeOf(one(await channel.next()));
    }
    expect(outcomes).toEqual(Object.fromEntries(names.map((name) => [name, malformed[name]?.[1]])));
    expect(await channel.call('access.whoami')).not.toHaveProperty('result.polluted');
  });

  it('over POST /rpc', async () => {
    const outcomes: Record<string, string> = {};
    for (const name of names) {
      const { answer } = await postRpc(server.url, malformed[name]?.[0] ?? '', { authorization });
      outcomes[name] = outcomeOf(one(answer));
    }
    expect(outcomes).toEqual(Object.fromEntries(names.map((name) => [name, malformed[name]?.[1]])));
  });

  it('whatever the JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), async (value) => {
        channel.send(JSON.stringify(value));
        const answer = await channel.next();
        const codes = (Array.isArray(answer) ? answer : [answer]).map(outcomeOf);
        expect(codes.every((code) => code === 'INVALID_REQUEST')).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('whatever the parameters: no value makes the server fail', async () => {
    const words = [
      '',
      '*',
      '&',
      'h-[1-',
      'default',
      '-',
      '..',
      'a/b',
      '\u0000',
      '😀',
      '\ud800',
      `${uuid()}`,
      'NaN',
      "'",
      'bm9wZQ',
      'x'.repeat(5000),
    ];
    const value = fc.oneof(
      fc.constantFrom(...words),
      fc.constantFrom(0, 1, -1, 1.5, 1e15, 2 ** 53, 1e308, true, false, null, [], {}),
      fc.constantFrom<object>([''], { a: 1 }, ['*'], [uuid()], { kind: 'key' }),
    );
    const tried = (Object.keys(contract) as MethodName[]).filter(
      (name) => !contract[name].alone && name !== 'access.signOut' && contract[name].kind !== 'stream',
    );
    const attempt = fc.constantFrom(...tried).chain((name) => {
      const { params } = contract[name];
      const fields = 'shape' in params ? Object.keys(params.shape) : [];
      return fc.record({
        name: fc.constant(name),
        params: fc.record(Object.fromEntries(fields.map((field) => [field, value])), { requiredKeys: [] }),
      });
    });
    const failed: unknown[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 20, maxLength: 20 }), async (attempts) => {
        await Promise.all(
          attempts.map(async ({ name, params }) => {
            const answer = await channel.call(name, params, uuid());
            if (outcomeOf(answer) === 'INTERNAL') failed.push({ name, params });
          }),
        );
        expect(failed).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('batches and ids', () => {
  it('a batch of rubbish gets as many errors', async () => {
    channel.send(JSON.stringify(Array(maxBatch).fill(0)));
    const answers = await channel.next();
    expect(Array.isArray(answers) && answers.map(outcomeOf)).toEqual(Array(maxBatch).fill('INVALID_REQUEST'));
  });

  it('signing in is refused inside a batch, and not tried', async () => {
    const params = { userName: admin.userName, password: admin.password };
    channel.send(
      JSON.stringify([call('access.signIn', params, 1), call('access.resume', { session: admin.session }, 2)]),
    );
    const answers = await channel.next();
    expect(Array.isArray(answers) && answers.map(outcomeOf)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });

  it('the same number twice: two answers; the same call id for another change: refused', async () => {
    channel.send(JSON.stringify([call('access.whoami', {}, 7), call('system.info', {}, 7)]));
    const answers = await channel.next();
    expect(Array.isArray(answers) && answers.map(({ id }) => id)).toEqual([7, 7]);
    const id = uuid();
    const made = await channel.call('groups.add', { path: 'same/id' }, id);
    expect(outcomeOf(made)).toBe('ok');
    expect(await channel.call('groups.add', { path: 'same/id' }, id)).toEqual(made);
    expect(outcomeOf(await channel.call('groups.add', { path: 'another' }, id))).toBe('CALL_ID_REUSED');
    expect(outcomeOf(await channel.call('groups.remove', { path: 'same/id' }, id))).toBe('CALL_ID_REUSED');
  });

  it('without an id nothing is answered, and nothing is changed', async () => {
    channel.send(JSON.stringify({ jsonrpc: '2.0', method: 'groups.add', params: { path: 'silent' } }));
    channel.send(JSON.stringify([{ jsonrpc: '2.0', method: 'access.whoami' }]));
    const { result } = await channel.call('groups.list');
    expect(JSON.stringify(result)).not.toContain('silent');
    expect(channel.unasked).toEqual([]);
  });
});

describe('sizes', () => {
  it('the largest message is taken, one byte more ends the connection, and only that one', async () => {
    const filler = (size: number) => inWhoami(`"${'x'.repeat(size - inWhoami('""').length)}"`);
    channel.send(filler(maxMessageBytes));
    expect(outcomeOf(one(await channel.next()))).toBe('INVALID_REQUEST');
    const other = await openRawChannel({ url: server.url, ...admin });
    expect(() => other.send(filler(maxMessageBytes + 1))).toThrow('at most');
    // A frame that claims to be larger is refused by its head.
    other.sendFrame(Buffer.alloc(maxMessageBytes + 1000));
    expect([1009, 4413]).toContain((await other.closed).code);
    expect(outcomeOf(await channel.call('access.whoami'))).toBe('ok');
    // Refused by its head, so that no answer is lost while the body is still being written.
    const body = { 'content-type': 'application/json', 'content-length': maxMessageBytes + 1 };
    const asked = request(`${server.url}/rpc`, { method: 'POST', headers: { authorization, ...body } });
    asked.flushHeaders();
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      asked.once('response', resolve).once('error', reject),
    );
    expect(answer.statusCode).toBe(413);
    expect(outcomeOf(one(JSON.parse(await text(answer))))).toBe('TOO_LARGE');
    asked.destroy();
  });

  it('before somebody is signed in, 64 KiB', async () => {
    const stranger = await openRawChannel({ url: server.url, ...admin });
    expect(outcomeOf(await stranger.call('access.resume', { session: 'x'.repeat(60_000) }))).toBe('INVALID_PARAMS');
    stranger.send(inWhoami(`"${'x'.repeat(70_000)}"`));
    expect((await stranger.closed).code).toBe(4413);
  });

  it('a document that nests 200,000 deep costs next to nothing', async () => {
    const [message = ''] = malformed['200,000 objects in each other'] ?? [];
    const before = cpuMs(server.pid);
    for (let i = 0; i < 20; i++) {
      channel.send(message);
      await channel.next();
    }
    // Time that the process computed, all threads together: that the machine is busy does not show.
    expect((cpuMs(server.pid) - before) / 20).toBeLessThan(100);
  });
});

/** User and system time of a process so far (proc(5), fields 14 and 15, in ticks of 10 ms). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
