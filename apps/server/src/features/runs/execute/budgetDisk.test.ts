import { tmpdir } from 'node:os';
import { expect, it, vi } from 'vitest';
import { createDiskWatch } from './budgetDisk.ts';

function watch(freeBytes: () => Promise<number>, minFreeBytes = 100) {
  const log = { info: vi.fn(), warn: vi.fn() };
  return { log, disk: createDiskWatch({ folder: '/data', minFreeBytes, log, freeBytes }) };
}

it('says once when the disk gets low and once when it has room again', async () => {
  let free = 100;
  const { disk, log } = watch(async () => free);
  const seen: boolean[] = [];
  for (free of [100, 99, 5, 100, 200]) {
    await disk.look();
    seen.push(disk.isLow());
  }
  expect(seen).toEqual([false, true, true, false, false]);
  expect(log.warn).toHaveBeenCalledTimes(1);
  expect(log.info).toHaveBeenCalledTimes(1);
});

it('looks at most once a second, however often it is asked', async () => {
  const looks = vi.fn(async () => 5);
  const { disk } = watch(looks);
  for (let i = 0; i < 1000; i++) disk.isLow();
  expect(looks).toHaveBeenCalledTimes(1);
  await expect.poll(() => disk.isLow(), { timeout: 20_000 }).toBe(true);
});

it('never looks where there is no limit, and stays as it was when it cannot see', async () => {
  const looks = vi.fn(async () => 0);
  expect(watch(looks, 0).disk.isLow()).toBe(false);
  expect(looks).not.toHaveBeenCalled();
  const { disk, log } = watch(() => Promise.reject(new Error('EIO')));
  await disk.look();
  expect(disk.isLow()).toBe(false);
  expect(log.warn).toHaveBeenCalledTimes(1);
});

it('reads the free space of a real folder', async () => {
  const log = { info: () => {}, warn: () => {} };
  const disk = createDiskWatch({ folder: tmpdir(), minFreeBytes: Number.MAX_SAFE_INTEGER, log });
  await disk.look();
  expect(disk.isLow()).toBe(true);
});
