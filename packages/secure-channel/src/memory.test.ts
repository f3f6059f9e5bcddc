import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createServer } from './index.ts';
import { codeOf, makePair, serverKeys } from './testing/connect.ts';
import { bytes } from './testing/forge.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Memory in use once all garbage is gone, in bytes. */
function inUse(): number {
  for (let round = 0; round < 3; round += 1) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const newServer = () => createServer({ serverKeyPair: serverKeys, authorize: () => true });

test('a HELLO costs little memory while its connection lives, and none afterwards', () => {
  const hello = makePair().hello();
  for (let warm = 0; warm < 50; warm += 1) newServer().receive(hello);

  const before = inUse();
  const kept = Array.from({ length: 500 }, () => {
    const server = newServer();
    server.receive(hello);
    return server;
  });
  const each = (inUse() - before) / kept.length;
  expect(each).toBeLessThan(8 * 1024);

  for (const server of kept.splice(0)) server.close();
  expect(inUse() - before).toBeLessThan(500 * 1024);
});

test('a flood of refused commands leaves nothing behind', () => {
  const refusedHello = makePair().hello();
  refusedHello[150] = (refusedHello[150] ?? 0) ^ 1;
  const flood = (count: number) => {
    for (let index = 0; index < count; index += 1) {
      expect(
        codeOf(() => newServer().receive(index % 20 === 0 ? refusedHello : bytes('GET / HTTP/1.1'))),
      ).toBeDefined();
    }
  };
  flood(1000);
  const before = inUse();
  flood(10_000);
  expect(inUse() - before).toBeLessThan(500 * 1024);
});
