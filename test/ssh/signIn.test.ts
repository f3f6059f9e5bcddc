import { once } from 'node:events';
import { createFleet, type Fleet, type FleetOptions, type SshTarget } from '@omanager/ssh-fleet';
import ssh2, { type AuthContext, type KeyboardAuthContext, type Prompt } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { generateKey } from '../lab/keys.ts';
import { waitFor } from '../lab/wait.ts';
import { refusal, soon } from './harness.ts';

const hostKey = generateKey();
const userKey = generateKey();

/** A server whose sign-in rules a test writes itself: what a real sshd without PAM does not show. */
async function startServer(judge: (context: AuthContext) => void) {
  const tried: string[] = [];
  let connections = 0;
  const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (client) => {
    connections++;
    client.on('error', () => {});
    client.on('authentication', (context) => {
      tried.push(context.method);
      judge(context);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, tried, connections: () => connections, close: () => server.close() };
}

describe('sign-in', () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const begin = async (judge: (context: AuthContext) => void, options?: FleetOptions) => {
    const server = await startServer(judge);
    undo.push(server.close);
    const fleet: Fleet = createFleet(options);
    undo.push(fleet.close);
    const target: SshTarget = {
      address: '127.0.0.1',
      port: server.port,
      username: 'operator',
      credential: { id: 'c', version: 1, auth: { kind: 'password', password: 'secret' } },
      trust: { keys: [hostKey], revoked: [], firstUse: 'refuse' },
      via: [],
    };
    return { server, fleet, target };
  };

  /** Asks by prompts only; accepts the one right answer. */
  const byPrompts = (prompts: Prompt[], answers: string[][]) => (context: AuthContext) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    const keyboard: KeyboardAuthContext = context;
    keyboard.prompt(prompts, (given) => {
      answers.push(given);
      if (given.length === 1 && given[0] === 'secret') keyboard.accept();
      else keyboard.reject(['keyboard-interactive']);
    });
  };

  it('answers a host that asks for the password by one hidden prompt', async () => {
    const answers: string[][] = [];
    const { fleet, target } = await begin(byPrompts([{ prompt: 'Password: ', echo: false }], answers));
    (await fleet.acquire(target, soon())).release();
    expect(answers).toEqual([['secret']]);
  });

  it.each<[string, Prompt[]]>([
    [
      'two prompts',
      [
        { prompt: 'Password: ', echo: false },
        { prompt: 'Code: ', echo: false },
      ],
    ],
    ['a prompt that shows its answer', [{ prompt: 'Name: ', echo: true }]],
  ])('never gives the password to %s', async (_name, prompts) => {
    const answers: string[][] = [];
    const { fleet, target } = await begin(byPrompts(prompts, answers));
    const error = await refusal(fleet, target);
    expect(error.reason).toBe('auth_failed');
    expect(error.message).toMatch(/more than a password/);
    expect(answers.flat()).not.toContain('secret');
  });

  it('tries a wrong password once, so that no account is locked by us', async () => {
    const { server, fleet, target } = await begin((context) => context.reject(['password', 'keyboard-interactive']));
    expect((await refusal(fleet, target)).reason).toBe('auth_failed');
    expect(server.tried).toEqual(['password']);
  });

  it('says when the password has expired, instead of waiting', async () => {
    const { fleet, target } = await begin((context) => {
      if (context.method === 'password') context.requestChange('Change it', () => {});
    });
    const error = await refusal(fleet, target);
    expect([error.reason, error.message.includes('expired')]).toEqual(['auth_failed', true]);
  });

  it('says when the key was right but a second factor is asked for', async () => {
    const { fleet, target } = await begin((context) => {
      if (context.method === 'publickey' && !context.signature) context.accept();
      else context.reject(['keyboard-interactive'], true);
    });
    const credential = { id: 'k', version: 1, auth: { kind: 'key' as const, privateKey: userKey.privateKey } };
    const error = await refusal(fleet, { ...target, credential });
    expect([error.reason, error.message.includes('second factor')]).toEqual(['auth_failed', true]);
  });

  it.each(['unknown', 'changed', 'revoked'] as const)('sends nothing at all to a host with an %s key', async (kind) => {
    const { server, fleet, target } = await begin((context) => context.accept());
    const keys = kind === 'unknown' ? [] : [kind === 'changed' ? generateKey() : hostKey];
    const error = await refusal(fleet, {
      ...target,
      trust: { keys, revoked: kind === 'revoked' ? [hostKey.key] : [], firstUse: 'refuse' },
    });
    expect(error.reason).toBe(kind === 'unknown' ? 'host_key_unknown' : 'host_key_changed');
    expect(server.tried).toEqual([]);
  });

  it('signs in to a first host only on a second connection, after the key was taken', async () => {
    const { server, fleet, target } = await begin(
      (context) => (context.method === 'password' ? context.accept() : context.reject()),
      {
        onFirstUse: async () => {
          await waitFor('the first connection came', () => server.connections() === 1);
          expect(server.tried).toEqual([]);
        },
      },
    );
    (await fleet.acquire({ ...target, trust: { keys: [], revoked: [], firstUse: 'accept' } }, soon())).release();
    expect(server.connections()).toBe(2);
    expect(server.tried).toEqual(['password']);
  });

  it('slows down who keeps failing, and never by much', async () => {
    const { fleet, target } = await begin((context) => context.reject(['password']));
    await refusal(fleet, target);
    const stop = new AbortController();
    const second = fleet.acquire(target, stop.signal);
    expect(fleet.stats().connecting).toBe(1);
    stop.abort(new Error('no longer'));
    await expect(second).rejects.toThrow('no longer');
    expect((await refusal(fleet, target)).reason).toBe('auth_failed');
  });
});
