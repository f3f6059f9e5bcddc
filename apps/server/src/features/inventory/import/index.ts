import { type ImportPreview, maxMessageBytes, OmError } from '@omanager/contract';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import type { Database, Tx } from '../../../db/database.ts';
import { hostsByName, hostsOfZones } from '../hostStore.ts';
import type { Hosts, MayUse } from '../hosts.ts';
import { credentialsAtStake, idsOfNames, writeHosts } from '../hostWriter.ts';
import { lock } from '../sql.ts';
import type { CredentialNames } from '../types.ts';
import { allZones } from '../zoneStore.ts';
import { diffOf, digestOf, type ImportDiff, planImport, previewOf } from './diff.ts';
import type { ParsedImport } from './fields.ts';
import { type ImportFormat, parseImport } from './parse.ts';
import { parseInWorker } from './parseInWorker.ts';

export interface Imports {
  parse(file: { format: ImportFormat; text: string }, signal: AbortSignal): Promise<ParsedImport>;
  preview(parsed: ParsedImport, removeMissing: boolean): Promise<ImportPreview>;
  /** Writes what was previewed. CONFLICT when the inventory has changed since. */
  apply(tx: Tx, parsed: ParsedImport, options: ApplyOptions): Promise<AppliedImport>;
}

export interface ApplyOptions {
  readonly removeMissing: boolean;
  readonly digest: string;
  readonly mayUse: MayUse;
}

export interface AppliedImport {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
}

/** Files so small that reading them takes less time than starting a thread. */
const maxParsedHere = 16 * 1024;

/** Room that the answer's envelope and escapes may take. */
const maxPreview = maxMessageBytes - 64 * 1024;

export function createImports({
  db,
  hosts,
  credentials,
  clock,
}: {
  db: Database;
  hosts: Pick<Hosts, 'describe'>;
  credentials: CredentialNames;
  clock: () => number;
}): Imports {
  return {
    parse: async ({ format, text }, signal) =>
      text.length <= maxParsedHere ? parseImport(format, text) : parseInWorker(format, text, signal),

    async preview(parsed, removeMissing) {
      const preview = previewOf(await diff(db.knex, parsed, removeMissing));
      if (Buffer.byteLength(JSON.stringify(preview)) > maxPreview)
        throw new OmError('LIMIT', 'The file changes more than one preview can show; split it.');
      return preview;
    },

    async apply(tx, parsed, { removeMissing, digest, mayUse }) {
      await lock(tx, 'inventory');
      const changes = await diff(tx, parsed, removeMissing);
      const { added, changed, removed, problems } = changes;
      const [problem] = problems;
      if (problem)
        throw new OmError('INVALID_PARAMS', `Line ${problem.line}: ${problem.message}`, { problems: [...problems] });
      if (digestOf(changes) !== digest)
        throw new OmError('CONFLICT', 'The inventory or the file has changed since the preview; look at it again.');
      for (const { before, after } of [...added.map((after) => ({ before: null, after })), ...changed]) {
        for (const credential of credentialsAtStake(before, after)) mayUse({ host: after.name, credential });
      }
      const now = clock();
      await writeHosts(
        tx,
        {
          added: added.map((draft) => ({ id: uuid(), createdAt: now, draft })),
          changed: changed.map(({ before, after }) => ({
            id: before.id,
            createdAt: Date.parse(before.createdAt),
            draft: after,
          })),
          removed,
        },
        { credentials, now },
      );
      return {
        added: added.map((host) => host.name),
        changed: changed.map(({ after }) => after.name),
        removed: removed.map((host) => host.name),
      };
    },
  };

  async function diff(on: Knex, parsed: ParsedImport, removeMissing: boolean): Promise<ImportDiff> {
    const names = parsed.hosts.map((host) => host.name);
    const rows = await hostsByName(on, names);
    const known = new Map((await hosts.describe(on, rows)).map((host) => [host.name, host]));
    const drafts = planImport(parsed, known);
    const after = drafts.drafts.map((draft) => draft.after);
    const ids = await idsOfNames(on, after, credentials);
    if (!removeMissing) return diffOf(drafts, [], ids);
    const zoneIds = [...new Set(after.map((draft) => draft.zone))].flatMap((zone) => ids.zones.get(zone) ?? []);
    const named = new Set(names);
    const gone = (await hostsOfZones(on, zoneIds)).filter((row) => !named.has(row.name));
    const goneIds = new Set(gone.map((row) => row.id));
    for (const zone of await allZones(on)) {
      if (!zone.jumpHostIds.some((id) => goneIds.has(id))) continue;
      const message = `A jump host of zone ${zone.name} is missing in the file; name it, or give the zone another way in.`;
      drafts.problems.push({ line: 0, message });
    }
    return diffOf(drafts, await hosts.describe(on, gone), ids);
  }
}
