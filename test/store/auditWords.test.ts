import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CommandEvent } from '@omanager/contract';
import { expect, it, onTestFinished } from 'vitest';
import { actorKeyOf } from '../../apps/web/src/features/audit/actorKeys.ts';
import { reasonOf } from '../../apps/web/src/features/audit/commands/reasons.ts';
import { createIntakeRig, recordLine } from './commandsRig.ts';
import { databases } from './databases.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');

it('the client has words for every name that the server gives itself in the audit', () => {
  const sources = globSync('apps/server/src/**/*.ts', { cwd: root }).filter((path) => !path.endsWith('.test.ts'));
  const names = sources.flatMap((path) =>
    [...read(path).matchAll(/kind: 'system', name: '([^']+)'|const firstStart = '([^']+)'/g)].map(
      ([, name, first]) => name ?? first ?? '',
    ),
  );
  expect(names.length).toBeGreaterThan(5);
  // The name of a command is the same in every language.
  const words = names.filter((name) => !name.startsWith('omserver '));
  expect(words.filter((actorName) => actorKeyOf({ actorKind: 'system', actorName }) === null)).toEqual([]);
  const writer = read('apps/server/src/features/audit/writer.ts');
  for (const [actorKind, actorName] of [
    ['anonymous', 'unknown device'],
    ['device', 'device'],
  ] as const) {
    expect(writer).toContain(`actor_name: '${actorName}'`);
    expect(actorKeyOf({ actorKind, actorName })).not.toBeNull();
  }
});

it('the client has words for what the server says of holes, and with the right numbers', async () => {
  const database = await databases[0]?.open();
  if (!database) throw new Error('there is no SQLite');
  onTestFinished(() => database.close());
  const rig = await createIntakeRig(database.db);
  const agent = await rig.agent();
  await agent.send(1, [recordLine('one', { number: '1' })]);
  await agent.send(5, [recordLine('two', { number: '4' }), recordLine('three', { number: '6' })]);
  await (await rig.agent(agent.hostId)).send(1, [recordLine('four', { session: '88-1' })]);
  const rows: { kind: CommandEvent['kind']; command: string }[] = await database.db
    .knex('command_events')
    .whereNot({ kind: 'command' })
    .orderBy('id');
  const told = rows.map(({ kind, command }) => reasonOf({ kind, text: command }));
  expect(told).toEqual(
    expect.arrayContaining([
      { key: 'reason_records', values: { from: '2', to: '4' } },
      { key: 'reason_commands', values: { from: '2', to: '3' } },
      { key: 'reason_command', values: { from: '5' } },
      { key: 'reason_newSpool', values: {} },
    ]),
  );
  expect(told).not.toContain(null);
});

it('and for what agents say that they had to drop', () => {
  const agent = ['forwarder.sh', 'sending.sh', 'records.awk'].map((name) =>
    read(`packages/builtin-modules/agent/${name}`),
  );
  for (const word of ['spool full', 'refused by the server', 'unreadable']) {
    expect(agent.join()).toContain(word);
    expect(reasonOf({ kind: 'dropped', text: `7 ${word}` })?.values).toEqual({ records: '7' });
  }
  const execve = ['execve.sh', 'execve.awk'].flatMap((name) =>
    [...read(`packages/builtin-modules/agent/${name}`).matchAll(/"(execve: [^"]+)"/g)].map(([, text = '']) => text),
  );
  expect(execve.length).toBeGreaterThan(5);
  for (const text of execve)
    for (const lost of ['at most 7 audit events', 'an unknown number of audit records']) {
      const said = text.replace('$((lost - got))', '7').replace('$lost', lost);
      expect([said, reasonOf({ kind: 'dropped', text: said })]).not.toContain(null);
    }
  const clock = read('apps/server/src/features/audit/ingest/agentBatches.ts');
  expect(clock).toContain("`${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`");
  expect(reasonOf({ kind: 'clock', text: '400 s behind' })).toEqual({
    key: 'reason_behind',
    values: { seconds: '400' },
  });
  // Whoever types it on a server gets no word of ours for it.
  expect(reasonOf({ kind: 'command', text: '7 unreadable' })).toBeNull();
  expect(reasonOf({ kind: 'gap', text: 'records 1 to 2 are missing\nx' })).toBeNull();
});
