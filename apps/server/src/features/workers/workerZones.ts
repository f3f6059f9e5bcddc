/** Zones that only zone workers reach, by id, as far as this process knows: read again every second and when told. */
export interface WorkerZones {
  current(): ReadonlySet<string>;
  refresh(): Promise<void>;
  /** The first reading is over; then it is kept up to date until `close`. */
  start(): Promise<void>;
  close(): void;
}

const refreshMs = 1000;

export function createWorkerZones({
  read,
  log,
}: {
  read(): Promise<readonly string[]>;
  log: { error(details: object, message: string): void };
}): WorkerZones {
  let zones: ReadonlySet<string> = new Set();
  let timer: NodeJS.Timeout | undefined;
  const refresh = async () => {
    zones = new Set(await read());
  };
  return {
    current: () => zones,
    refresh,
    async start() {
      await refresh();
      timer = setInterval(() => {
        refresh().catch((error: unknown) => log.error({ err: String(error) }, 'the zones could not be read again'));
      }, refreshMs).unref();
    },
    close: () => clearInterval(timer),
  };
}
