import { expect, it } from 'vitest';
import { connectionsWithin, descriptorLimit, fitDescriptors } from './descriptors.ts';

it('reads the limit of this process', () => {
  expect(descriptorLimit()).toBeGreaterThan(0);
  expect(descriptorLimit(() => 'Max open files            unlimited            unlimited            files')).toBeNull();
  expect(
    descriptorLimit(() => {
      throw new Error('no /proc here');
    }),
  ).toBeNull();
});

it('keeps room for everything that is no SSH connection', () => {
  expect(connectionsWithin(10_000, 65_536)).toBe(10_000);
  expect(connectionsWithin(10_000, null)).toBe(10_000);
  expect(connectionsWithin(10_000, 8192)).toBe(6192);
  expect(connectionsWithin(10_000, 1024)).toBe(512);
  expect(connectionsWithin(100, 1024)).toBe(100);
});

it('says what it does about a limit that is too low, and nothing else', () => {
  const said: object[] = [];
  const log = { warn: (details: object) => void said.push(details) };
  const config = { ssh: { maxConnections: 10_000, idleMs: 1 } };
  expect(fitDescriptors(config, log, 20_000)).toBe(config);
  expect(said).toEqual([]);
  expect(fitDescriptors(config, log, 4096)).toEqual({ ssh: { maxConnections: 2096, idleMs: 1 } });
  expect(said).toEqual([{ openFiles: 4096, needed: 12_000, sshConnections: 2096 }]);
});
