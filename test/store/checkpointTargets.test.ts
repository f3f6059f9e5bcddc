import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  type CheckpointSettings,
  checkpointPlaces,
  createTargetStates,
  readTargets,
} from '../../apps/server/src/features/audit/ledger/checkpointStates.ts';
import { createCheckpointTargets } from '../../apps/server/src/features/audit/ledger/checkpointTargets.ts';
import { freePort } from '../lab/ports.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { databases, type TestDatabase } from './databases.ts';

const nowhere: CheckpointSettings = { file: null, syslog: null, webhook: null };

describe.each(databases)('where checkpoints go on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    const workspace = createWorkspace('checkpoints');
    const logged: string[] = [];
    const note = (details: object, message: string) => void logged.push(JSON.stringify({ ...details, message }));
    const log = { info: note, error: note };

    beforeAll(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.db.knex('checkpoint_targets').delete();
      logged.length = 0;
    });
    afterAll(async () => {
      await database?.close();
      workspace.remove();
    });

    function targets(settings: CheckpointSettings) {
      const pauses = { firstPauseMs: 5, longestPauseMs: 20, stopMs: 60_000 };
      const made = createCheckpointTargets({ db: database.db, settings, log, pauses });
      const read = async () => (await readTargets(database.db.knex, checkpointPlaces(settings)))[0];
      return { ...made, read };
    }
    const give = (to: ReturnType<typeof targets>, block: number) => to.give({ block, line: `line ${block}` });

    it('is kept: what it took, why it does not take more, and how far it is behind', async () => {
      const port = await freePort();
      const to = targets({ ...nowhere, webhook: new URL(`http://127.0.0.1:${port}/hook?token=secret`) });
      expect(await to.read()).toEqual({
        ...{ kind: 'webhook', place: `http://127.0.0.1:${port}`, receipt: true },
        ...{ sent: null, behind: 0, failure: null },
      });
      for (const block of [1, 2, 3]) await give(to, block);
      const failing = await waitFor('it fails', async () => {
        const now = await to.read();
        return now?.failure ? now : null;
      });
      expect(failing).toMatchObject({
        ...{ sent: null, behind: 3 },
        failure: { what: 'unreachable', detail: 'ECONNREFUSED', since: expect.any(String), at: expect.any(String) },
      });
      const bodies: string[] = [];
      const server = createServer(async (request, response) => {
        bodies.push(await text(request));
        response.end();
      }).listen(port, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const well = await waitFor('it recovers', async () => {
        const now = await to.read();
        return now?.failure === null ? now : null;
      });
      expect(well).toMatchObject({ sent: { block: 3 }, behind: 0 });
      // Only the newest is sent: it vouches for all before.
      expect(bodies).toEqual([JSON.stringify({ checkpoint: 'line 3' })]);
      await to.stop();
      expect(logged.map((entry) => JSON.parse(entry).message)).toEqual([
        'a checkpoint did not leave; it is tried again',
        'checkpoints leave again',
      ]);
      expect(logged.join()).not.toContain('secret');
      expect(JSON.stringify(await database.db.knex('checkpoint_targets'))).not.toContain('secret');
    });

    it('a file is one of them: it fails by itself and keeps the others back from nothing', async () => {
      const folder = join(workspace.dir, 'not-there-yet');
      const file = join(folder, 'checkpoints');
      const to = targets({ ...nowhere, file });
      await give(to, 7);
      await waitFor('it fails', async () => (await to.read())?.failure?.what === 'not_writable');
      mkdirSync(folder);
      await to.stop();
      expect(readFileSync(file, 'utf8')).toBe('line 7\n');
      expect(await to.read()).toMatchObject({ place: file, sent: { block: 7 }, behind: 0, failure: null });
    });

    it('another address begins anew, and an older checkpoint that comes late changes nothing', async () => {
      const places = (port: number) => checkpointPlaces({ ...nowhere, syslog: new URL(`udp://127.0.0.1:${port}`) });
      const states = createTargetStates(database.db, places(5140));
      await states.made();
      await states.sent('syslog', 9, 0);
      await states.sent('syslog', 8, 0);
      await states.made();
      expect(await readTargets(database.db.knex, places(5140))).toMatchObject([
        { receipt: false, sent: { block: 9 }, behind: 1 },
      ]);
      expect(await readTargets(database.db.knex, places(5141))).toMatchObject([{ sent: null, behind: 0 }]);
      await createTargetStates(database.db, places(5141)).made();
      expect(await readTargets(database.db.knex, places(5141))).toMatchObject([{ sent: null, behind: 1 }]);
    });
  });
});
