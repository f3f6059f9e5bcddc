import { statfs } from 'node:fs/promises';

interface Options {
  /** A folder of the file system that holds the store. */
  folder: string;
  /** Less free than this is too little for output; 0: never. */
  minFreeBytes: number;
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  freeBytes?: (folder: string) => Promise<number>;
}

export interface DiskWatch {
  /** Whether there is too little room, as of the last look. Asking makes it look again, at most once a second. */
  isLow(): boolean;
  /** Looks now. */
  look(): Promise<void>;
}

const lookEveryMs = 1000;

/** Keeps output from filling the disk: states, results and the audit must go on finding room. */
export function createDiskWatch({ folder, minFreeBytes, log, freeBytes = freeOf }: Options): DiskWatch {
  let low = false;
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    lookedAt = performance.now();
    try {
      const free = await freeBytes(folder);
      const now = free < minFreeBytes;
      const details = { folder, freeBytes: free, minFreeBytes };
      if (now && !low) log.warn(details, 'the disk is nearly full: output of runs is counted and thrown away');
      if (!now && low) log.info(details, 'the disk has room again: output of runs is stored');
      low = now;
    } catch (error) {
      log.warn({ folder, err: String(error).slice(0, 500) }, 'the free space of the disk cannot be read');
    }
  }

  return {
    isLow() {
      if (minFreeBytes > 0 && performance.now() - lookedAt >= lookEveryMs) void look();
      return low;
    },
    look,
  };
}

async function freeOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
