import { OmError } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { enrolUser } from '../lab/operators.ts';
import { hostsOf, outputOf, type Rig, runOn, startRig } from './rig.ts';

const manifest = (version: string, word: string) => `id: site.hello
version: "${version}"
title: { en: Hello, zh: 你好 }
risk: read
params:
  who: { type: string, default: world }
shell: echo "${word} $who"
`;

describe.skipIf(!has('sshd', 'useradd'))('a module made in the client', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ hosts: 2 });
  });
  afterAll(() => rig?.stop());

  const codeOf = async (call: Promise<unknown>) => {
    try {
      await call;
    } catch (error) {
      if (error instanceof OmError) return error.code;
      throw error;
    }
    return 'ok';
  };

  it('is tried on one server, saved, run by an operator, survives a restart, and is retired', async () => {
    const { client } = rig;
    const draft = await client.call('modules.draft', { manifest: manifest('1.0.0', 'try') });
    expect(await codeOf(client.call('runs.plan', { module: draft.module, selector: '*' }))).toBe('LIMIT');
    const tried = await runOn(client, { module: draft.module, selector: 'h-001' });
    expect(tried.run).toMatchObject({ state: 'succeeded', module: { id: 'site.hello', version: '1.0.0-draft' } });
    expect((await outputOf(client, tried.run.id, 0)).toString()).toBe('try world\n');
    expect(await codeOf(client.call('runs.plan', { module: 'site.hello', selector: '*' }))).toBe('NOT_FOUND');

    await client.call('modules.save', { manifest: manifest('1.0.0', 'hello'), comment: 'first', base: null });
    const operator = await enrolUser(rig.admin, 'olive', 'operator');
    const { run } = await runOn(operator.client, { module: 'site.hello', selector: '*', params: { who: 'olive' } });
    expect(run.state).toBe('succeeded');
    expect((await outputOf(client, run.id, 1)).toString()).toBe('hello olive\n');

    await client.call('modules.save', { manifest: manifest('1.1.0', 'good day'), comment: 'politer', base: '1.0.0' });
    await rig.server.restart();
    const after = await runOn(client, { module: 'site.hello', selector: 'h-002' });
    expect((await outputOf(client, after.run.id, 0)).toString()).toBe('good day world\n');
    expect((await client.call('modules.versions', { module: 'site.hello' })).items).toMatchObject([
      { version: '1.1.0', runs: 1, current: true },
      { version: '1.0.0', runs: 1, current: false },
    ]);
    const { items } = await client.call('modules.usage', { modules: ['site.hello', 'system.uptime'] });
    expect(items).toMatchObject([
      {
        last: { runId: after.run.id, state: 'succeeded' },
        lastOkAt: expect.any(String),
        typicalMs: expect.any(Number),
      },
      { last: null, lastOkAt: null, typicalMs: null },
    ]);

    const plan = await client.call('runs.plan', { module: 'site.hello', selector: '*' });
    await client.call('modules.retire', { module: 'site.hello' });
    const begin = client.call('runs.start', { planId: plan.id, digest: plan.digest, runId: uuid() });
    expect(await codeOf(begin)).toBe('PLAN_CHANGED');
    expect(await codeOf(client.call('runs.plan', { module: 'site.hello', selector: '*' }))).toBe('NOT_FOUND');
    expect((await hostsOf(client, run.id)).map(({ state }) => state)).toEqual(['ok', 'ok']);
    operator.client.close();
  });
});
