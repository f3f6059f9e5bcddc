import { createHash, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { v7 as uuid } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../apps/server/src/db/database.ts';
import { recordedEnd } from '../../apps/server/src/features/audit/recordedEnd.ts';
import { writeAudit } from '../../apps/server/src/features/audit/writer.ts';
import { playRecording } from '../../apps/server/src/features/terminal/playback.ts';
import { addChunk, insertRecording } from '../../apps/server/src/features/terminal/store.ts';
import { storeEnd } from '../../apps/server/src/features/terminal/terminals.ts';
import { createSealer } from '../../apps/server/src/features/vault/sealer.ts';
import { databases } from './databases.ts';

describe.each(databases)('a recording that ended, on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let db: Database;
    const sealer = createSealer([{ id: '0123456789abcdef', key: randomBytes(32) }]);

    beforeAll(async () => {
      const database = await open();
      db = database.db;
      return () => database.close();
    });

    async function recorded(lines: readonly string[]): Promise<string> {
      const id = uuid();
      await db.transaction((tx) =>
        insertRecording(tx, {
          ...{ id, host_id: uuid(), host_name: 'web-01', address: '10.0.0.1', login: 'ops', user_id: uuid() },
          ...{ user_name: 'ada', from_address: '::1', state: 'connecting', started_at: 1, alive_at: 1 },
          ...{ cols: 80, rows: 24, input: false },
        }),
      );
      const hash = createHash('sha256');
      for (const [i, text] of lines.entries()) {
        const sealed = sealer.seal(`recording|${id}|${i + 1}`, deflateRawSync(text));
        const sha256 = hash.update(text).copy().digest('hex');
        const size = { bytes: text.length, commands: 0, at: 2 };
        await db.transaction((tx) => addChunk(tx, { recordingId: id, seq: i + 1, sealed, sha256, ...size }));
      }
      const audit = { db, bus: { publish() {}, subscribe: () => () => {} }, audit: writeAudit, audited() {} };
      const end = { state: 'ended', end: 'exited', message: null, at: 3 } as const;
      await storeEnd(audit, { kind: 'system', name: 'test' }, id, end);
      return id;
    }

    async function played(id: string): Promise<string[]> {
      const texts: string[] = [];
      const endedAs = (recordingId: string) => recordedEnd(db.knex, recordingId);
      for await (const { text } of playRecording({ db, sealer, endedAs }, id, 0, new AbortController().signal))
        texts.push(text);
      return texts;
    }

    it('is played to its end, and not when somebody took the end away', async () => {
      const id = await recorded(['one\n', 'two\n', 'rm -rf /\n']);
      expect(await played(id)).toEqual(['one\n', 'two\n', 'rm -rf /\n']);
      const two = await db.knex('recording_chunks').where({ recording_id: id, seq: 2 }).first('sha256');
      const row = () => db.knex('recordings').where({ id });
      await row().update({ chunks: 2, sha256: two.sha256 });
      await db.knex('recording_chunks').where({ recording_id: id, seq: 3 }).delete();
      await expect(played(id)).rejects.toMatchObject({ code: 'CONFLICT' });
      // Nor when it is said to be open still, or empty.
      await row().update({ state: 'open', ended_at: null });
      await expect(played(id)).rejects.toMatchObject({ code: 'CONFLICT' });
      await row().update({ chunks: 0, sha256: null });
      await expect(played(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    });
  });
});
