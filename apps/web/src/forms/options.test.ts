import type { MethodName } from '@omanager/contract';
import { describe, expect, it } from 'vitest';
import { createOptions } from './options.ts';

/** A client that answers from a table and writes down what it was asked. */
function clientOf(answers: Partial<Record<MethodName, (params: never) => unknown>>) {
  const asked: [string, unknown][] = [];
  const answer = (name: string, params: unknown) => {
    asked.push([name, params]);
    // A double of what a server answers; its shapes are those that the code under test reads.
    const one = answers[name as MethodName] as ((params: unknown) => unknown) | undefined;
    if (!one) throw new Error(`nobody answers ${name}`);
    return one(params);
  };
  const client = {
    call: async (name: string, params: unknown) => answer(name, params),
    async *stream(name: string, params: unknown) {
      yield answer(name, params);
    },
  } as unknown as Parameters<typeof createOptions>[0];
  return { client, asked, names: () => asked.map(([name]) => name) };
}

const runs = (plan: object = {}) => ({
  'hosts.list': () => ({ items: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }),
  'runs.plan': () => ({
    id: 'p',
    digest: 'd',
    module: { risk: 'read' },
    follow: false,
    gate: { kind: 'none' },
    ...plan,
  }),
  'runs.start': () => ({}),
  'runs.watch': () => ({ run: { state: 'partly_succeeded' } }),
  'runs.hosts': () => ({ items: [{ ordinal: 0 }, { ordinal: 2 }] }),
  'runs.lines': ({ ordinal }: { ordinal: number }) => ({
    lines:
      ordinal === 0 ? [{ text: 'nginx' }, { text: ' redis ' }] : [{ text: 'nginx' }, { text: '' }, { text: 'sshd' }],
  }),
});

describe('options', () => {
  it('come from the inventory', async () => {
    const { client, asked } = clientOf({ 'hosts.list': () => ({ items: [{ name: 'web-01' }] }) });
    const options = createOptions(client);
    expect(await options.of({ source: { from: 'hosts' }, typed: 'we', selector: null })).toEqual({
      at: expect.any(Number),
      values: ['web-01'],
      runId: null,
    });
    await options.of({ source: { from: 'hosts' }, typed: '!x', selector: null });
    expect(asked.map(([, params]) => params)).toMatchObject([{ selector: 'we*' }, { selector: '*' }]);
  });

  it('come from the lines of a read module, run on three servers at most, once in a minute', async () => {
    const { client, asked, names } = clientOf(runs());
    let now = 0;
    const options = createOptions(client, () => now);
    const source = { module: 'service.names', params: { all: true } };
    const ask = () => options.of({ source, selector: 'group:web' });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toMatchObject({ values: ['nginx', 'redis', 'sshd'], runId: expect.any(String) });
    expect(second).toBe(first);
    expect(asked.slice(0, 2)).toEqual([
      ['hosts.list', { selector: 'group:web', limit: 3 }],
      ['runs.plan', { module: 'service.names', selector: 'a, b, c', params: { all: true } }],
    ]);
    now = 60_001;
    await ask();
    expect(names().filter((name) => name === 'runs.start')).toHaveLength(2);
  });

  it.each([{ module: { risk: 'change' } }, { follow: true }, { gate: { kind: 'confirm' } }])(
    'are not worth running what is not only read: %j',
    async (plan) => {
      const { client, names } = clientOf(runs(plan));
      await expect(createOptions(client).of({ source: { module: 'x' }, selector: 'a' })).rejects.toThrow('risk read');
      expect(names()).toEqual(['hosts.list', 'runs.plan']);
    },
  );

  it('of a module need servers', async () => {
    const { client } = clientOf({});
    await expect(createOptions(client).of({ source: { module: 'x' }, selector: null })).rejects.toThrow('no server');
  });

  it('are asked for again after a failure', async () => {
    let broken = true;
    const { client } = clientOf({
      'zones.list': () => {
        if (broken) throw new Error('no connection');
        return { items: [{ name: 'sh' }] };
      },
    });
    const options = createOptions(client);
    await expect(options.of({ source: { from: 'zones' }, selector: null })).rejects.toThrow('no connection');
    broken = false;
    expect((await options.of({ source: { from: 'zones' }, selector: null })).values).toEqual(['sh']);
  });
});
