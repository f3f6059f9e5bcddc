import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Channel, ChannelError, type Received } from './index.ts';
import { connected, makePair } from './testing/connect.ts';
import { bytes, concat } from './testing/forge.ts';

/**
 * Random sequences of valid, mutated, replayed, foreign and misplaced commands, in every state of both ends.
 * The model is the wire: what each end has sent and the other has not yet been given.
 */
type Side = 'client' | 'server';
const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** Commands of another connection between the same two long-term keys, recorded once. */
const foreign = (() => {
  const pair = makePair();
  const hello = pair.hello();
  const welcome = pair.welcome(hello);
  const initiate = pair.initiate(welcome);
  const ready = pair.ready(initiate);
  pair.client.receive(ready);
  return [hello, welcome, initiate, ready, pair.client.seal(bytes('foreign')), pair.server.seal(bytes('foreign'))];
})();

class World {
  readonly ends: Record<Side, Channel>;
  readonly inFlight: Record<Side, Uint8Array[]> = { client: [], server: [] };
  readonly log: Uint8Array[] = [];
  readonly sealed: Record<Side, Uint8Array[]> = { client: [], server: [] };
  readonly delivered: Record<Side, Uint8Array[]> = { client: [], server: [] };
  readonly dead: Record<Side, boolean> = { client: false, server: false };
  /** Until somebody interferes, everything must work. */
  honest = true;
  private decide: (() => void) | undefined;
  private pending: Promise<void> | undefined;

  constructor(slowly: boolean) {
    const authorize = () => (slowly ? new Promise<boolean>((resolve) => (this.decide = () => resolve(true))) : true);
    this.ends = makePair({ authorize });
  }

  send(from: Side, command: Uint8Array): void {
    this.inFlight[other(from)].push(command);
    this.log.push(command);
  }

  guard(side: Side, act: () => void): void {
    try {
      act();
      expect(this.dead[side]).toBe(false);
    } catch (error) {
      this.caught(side, error);
    }
  }

  caught(side: Side, error: unknown): void {
    if (!(error instanceof ChannelError)) throw error;
    expect(error.code).not.toBe('internal');
    if (this.dead[side]) expect(error.code).toBe('dead');
    this.dead[side] = true;
  }

  take(side: Side, received: Received): void {
    for (const command of received.send ?? []) this.send(side, command);
    this.delivered[side].push(...(received.messages ?? []));
    if (received.messages) expect(this.ends[side].peer).toBeDefined();
  }

  receive(side: Side, command: Uint8Array): void {
    this.guard(side, () => {
      const answer = this.ends[side].receive(command);
      if (answer instanceof Promise) {
        this.pending = answer.then(
          (received) => this.take(side, received),
          (error: unknown) => this.caught(side, error),
        );
      } else this.take(side, answer);
    });
    if (this.honest) expect(this.dead[side]).toBe(false);
  }

  async settle(): Promise<void> {
    this.decide?.();
    await this.pending;
  }
}

type Move = (world: World) => void | Promise<void>;
const side = fc.constantFrom<Side>('client', 'server');

const start = side.map(
  (at): Move =>
    (world) => {
      if (at === 'server') expect(world.dead.server || world.ends.server.start() === null).toBe(true);
      else if (world.log.length === 0) world.guard(at, () => world.send(at, world.ends.client.start() ?? bytes('')));
    },
);
const deliver = side.map(
  (at): Move =>
    (world) => {
      const command = world.inFlight[at].shift();
      if (command) world.receive(at, command);
    },
);
const settle = fc.constant<Move>((world) => world.settle());
const seal = fc.tuple(side, fc.uint8Array({ maxLength: 40 })).map(
  ([at, payload]): Move =>
    (world) => {
      if (world.dead[at]) return world.guard(at, () => void world.ends[at].seal(payload));
      if (!world.ends[at].peer) return expect(() => world.ends[at].seal(payload)).toThrow(ChannelError);
      world.send(at, world.ends[at].seal(payload));
      world.sealed[at].push(payload);
    },
);

const hostile =
  (move: Move): Move =>
  (world) => {
    world.honest = false;
    return move(world);
  };
const mutate = fc.tuple(side, fc.nat(), fc.nat(7)).map(([at, where, bit]) =>
  hostile((world) => {
    const command = world.inFlight[at].shift()?.slice();
    if (!command || command.length === 0) return;
    const index = where % command.length;
    command[index] = (command[index] ?? 0) ^ (1 << bit);
    world.receive(at, command);
    expect(world.dead[at]).toBe(true);
  }),
);
const cut = fc.tuple(side, fc.nat()).map(([at, where]) =>
  hostile((world) => {
    const command = world.inFlight[at].shift();
    if (!command || command.length === 0) return;
    world.receive(at, command.subarray(0, where % command.length));
    expect(world.dead[at]).toBe(true);
  }),
);
const drop = side.map((at) => hostile((world) => void world.inFlight[at].shift()));
const swap = side.map((at) => hostile((world) => void world.inFlight[at].reverse()));
const replay = fc.tuple(side, fc.nat()).map(([at, which]) =>
  hostile((world) => {
    const command = world.log[which % Math.max(1, world.log.length)];
    if (command) world.receive(at, command);
  }),
);
const inject = fc
  .tuple(side, fc.constantFrom(...foreign))
  .map(([at, command]) => hostile((world) => world.receive(at, command)));
const noise = fc
  .tuple(
    side,
    fc.constantFrom('', '\x05HELLO', '\x07WELCOME', '\x08INITIATE', '\x05READY', '\x07MESSAGE', '\x05ERROR'),
    fc.uint8Array({ maxLength: 300 }),
  )
  .map(([at, name, rest]) => hostile((world) => world.receive(at, concat(bytes(name), rest))));
const close = side.map((at) =>
  hostile((world) => {
    world.ends[at].close();
    world.dead[at] = true;
  }),
);

const honest = fc.oneof(start, { weight: 4, arbitrary: deliver }, settle, { weight: 3, arbitrary: seal });
const attack = fc.oneof(mutate, cut, drop, swap, replay, inject, noise, close);
const moves = fc.array(fc.oneof({ weight: 5, arbitrary: honest }, { weight: 1, arbitrary: attack }), {
  minLength: 5,
  maxLength: 40,
});

/** Plays the first steps of an undisturbed handshake, so that every state is somebody's starting point. */
async function advance(world: World, steps: number): Promise<void> {
  const handshake: Move[] = [
    () => world.send('client', world.ends.client.start() ?? bytes('')),
    ...(['server', 'client', 'server'] as const).map(
      (at) => () => world.receive(at, world.inFlight[at].shift() ?? bytes('')),
    ),
    () => world.settle(),
    () => world.receive('client', world.inFlight.client.shift() ?? bytes('')),
  ];
  for (const move of handshake.slice(0, steps)) await move(world);
}

test('whatever arrives: no untyped exception, no message the peer did not seal, dead stays dead', async () => {
  let complete = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6),
      moves,
      async (slowly, steps, played) => {
        const world = new World(slowly);
        await advance(world, steps);
        for (const move of played) await move(world);
        await world.settle();
        for (const at of ['client', 'server'] as const) {
          const sent = world.sealed[other(at)];
          expect(world.delivered[at]).toEqual(sent.slice(0, world.delivered[at].length));
        }
        if (world.delivered.client.length + world.delivered.server.length > 0) complete += 1;
      },
    ),
    { numRuns: 300 },
  );
  // The sequences would prove little if few of them ever got past the handshake.
  expect(complete).toBeGreaterThan(50);
});

test('a ready channel given any bytes either delivers what was sealed or dies', () => {
  const { client } = connected();
  const genuine = client.seal(bytes('genuine'));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(genuine.length), (noiseBytes, at) => {
      const { server } = connected();
      const command = concat(genuine.subarray(0, at), noiseBytes);
      expect(() => server.receive(command)).toThrow(ChannelError);
      expect(() => server.receive(command)).toThrow(/has ended/);
    }),
    { numRuns: 40 },
  );
});
