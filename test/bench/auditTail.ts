import { createLocalBus, createWaiter } from '../../apps/server/src/bus/bus.ts';
import type { Database } from '../../apps/server/src/db/database.ts';
import { followCommands } from '../../apps/server/src/features/audit/commands/followCommands.ts';
import { startAuditServer } from './auditRig.ts';
import { figureOf, printFigures, printRatio } from './figures.ts';

const rounds = 30;
const sweepMs = 60_000;

/** From an agent's request to the event in the hands of who watches: stored, told by the bus, read again. */
export async function measureTail(db: Database): Promise<void> {
  const bus = createLocalBus();
  const server = await startAuditServer(db, () => bus.publish('commands'));
  const end = new AbortController();
  const news = createWaiter(bus, 'commands', end.signal, sweepMs);
  const filter = { text: 'tail of the bench' };
  const tail = followCommands({
    ...{ knex: db.knex, filter, after: undefined, signal: end.signal },
    wait: () => news.wait(),
  });
  const taken: number[] = [];
  try {
    let told = tail[Symbol.asyncIterator]().next();
    // Until it waits: what is stored before is not news to it.
    await server.pull('the first one');
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      await server.pull(`tail of the bench ${round}`);
      await told;
      taken.push(performance.now() - began);
      told = tail[Symbol.asyncIterator]().next();
    }
  } finally {
    end.abort();
    await server.close();
  }
  const figure = figureOf('an agent’s request to the live tail', 'ms', taken);
  printFigures('audit: live tail among them', [figure]);
  printRatio('the slowest, over its aim of 1 s', figure.max / 1000, '≤ 1', figure.max <= 1000);
}
