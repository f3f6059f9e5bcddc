import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@omanager/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../apps/server/src/db/database.ts';
import { has } from '../lab/have.ts';
import { type Mariadb, startMariadb } from '../lab/mariadb.ts';
import { type LabRedis, startRedis } from '../lab/redis.ts';
import { startServer, type TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { createWorkspace, type Workspace } from '../lab/workspace.ts';
import { finished, type ModuleFile, moduleFolder, type Rig, start, startRig } from '../runs/rig.ts';

const hosts = 40;
const file = { file: { type: 'string' } };
const modules: ModuleFile[] = [
  { id: 'lab.short', params: file, shell: 'echo "$OM_RUN $OM_ATTEMPT" >>"$file"; sleep 0.3' },
  { id: 'lab.long', params: file, shell: 'echo "$OM_RUN $OM_ATTEMPT" >>"$file"; sleep 600' },
];

describe.skipIf(!has('sshd', 'useradd', 'mariadb', 'redis'))('two processes, one database, one Redis', () => {
  let mariadb: Mariadb;
  let db: Database;
  let redis: LabRedis;
  let workspace: Workspace;
  let rig: Rig;
  let second: TestServer;
  /** One client of each process. */
  let near: Client;
  let far: Client;
  let journal: string;

  beforeAll(async () => {
    mariadb = await startMariadb();
    redis = await startRedis({ password: 'its-password' });
    const database = await mariadb.createDatabase();
    db = openDatabase({ kind: 'mysql', url: database, verifyTls: false });
    workspace = createWorkspace('modules');
    const env = {
      OM_REDIS_URL: redis.url,
      OM_CONCURRENCY: '10',
      OM_MODULE_DIR: moduleFolder(workspace.dir, modules),
    };
    rig = await startRig({ hosts, server: { database, env } });
    second = await startServer({ database, env, dataDir: rig.server.dataDir });
    near = rig.client;
    far = rig.admin.connect(second.port);
    journal = join(rig.user.home, 'journal');
  });
  afterAll(async () => {
    far?.close();
    await second?.stop();
    await rig?.stop();
    workspace?.remove();
    await redis?.stop();
    await db?.close();
    await mariadb?.stop();
  });

  const begin = (client: Client, module: string) =>
    start(client, { module, selector: 'h-*', params: { file: journal }, parallel: hosts });
  const executions = (runId: string) =>
    readFileSync(journal, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(runId));
  const workersOf = (runId: string): Promise<string[]> =>
    db.knex('run_hosts').where({ run_id: runId }).distinct().pluck('worker');

  async function runsWell(client: Client): Promise<string> {
    const { id } = await begin(client, 'lab.short');
    const [run] = await Promise.all([finished(far, id), finished(near, id)]);
    expect(run).toMatchObject({ state: 'succeeded', counts: { ok: hosts } });
    expect(executions(id)).toEqual(Array(hosts).fill(`${id} 1`));
    return id;
  }

  it('share the servers of a run, and each shows it to its clients', async () => {
    for (const client of [near, far]) expect(await workersOf(await runsWell(client))).toHaveLength(2);
  });

  it('both end what they run when one of them is told to', async () => {
    const { id } = await begin(near, 'lab.long');
    await waitFor('both are at their limit', () => executions(id).length === 20, 30_000);
    await far.call('runs.abort', { runId: id, graceMs: 1000 });
    expect((await finished(near, id)).counts).toMatchObject({ aborted: 20, not_started: 20 });
  });

  it('go on while Redis is away, start without it, and find it again', async () => {
    const { id } = await begin(near, 'lab.short');
    await waitFor('it runs', () => executions(id).length > 0, 30_000);
    await redis.kill9();
    expect((await finished(far, id)).counts.ok).toBe(hosts);
    await runsWell(near);
    await second.restart();
    await runsWell(far);
    await redis.restart();
    await waitFor('both found it', () =>
      [rig.server, second].every((server) => server.logs().includes('Redis answers again')),
    );
    await runsWell(near);
    for (const server of [rig.server, second]) expect(server.logs()).not.toContain('its-password');
  });

  it('stop in order while Redis is away', async () => {
    await redis.kill9();
    expect(await second.terminate()).toBe(0);
  });
});
