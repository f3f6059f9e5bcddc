import { type Diff, OmError, type ParamsOf, type ReadAs } from '@omanager/contract';
import type { Knex } from 'knex';
import { requireOutput } from '../retention/retentionNotice.ts';
import type { HostRunRow } from '../rows.ts';
import { type HunkBudget, hunksOf } from './diffHunks.ts';
import { diffLines } from './diffLines.ts';
import { groupsOf } from './folds.ts';
import { createLineMask } from './foldsMask.ts';
import { bytesOf } from './output.ts';
import type { OutputStream } from './outputCounts.ts';
import { chunksFrom, streamsOf } from './outputRows.ts';
import { readText } from './readText.ts';

/** What is compared of each side: bounds the work, which is done at once, to some ten milliseconds. */
const compared = { bytes: 512 * 1024, lines: 20_000, edits: 1000 } as const;
const shownBytes = 256 * 1024;

type Asked = Omit<ParamsOf<'runs.diff'>, 'readAs'> & { readAs?: ReadAs };

interface Text {
  lines: string[];
  /** The lines as they are compared. */
  keys: string[];
  cut: boolean;
}

/** How the output of a host differs from that of the largest group, or of another host. */
export async function readDiff(on: Knex, asked: Asked): Promise<Diff> {
  const { runId, by, context } = asked;
  const groups = await groupsOf(on, runId, by);
  const reference = asked.against ?? groups[0]?.first.ordinal;
  if (reference === undefined) throw new OmError('NOT_FOUND', 'No server of the run has ended yet.');
  const [left, right] = [await hostOf(on, runId, reference), await hostOf(on, runId, asked.ordinal)];
  const foldOf = (host: HostRunRow) => (by === 'exact' ? host.fold : host.fold_masked);
  const side = (host: HostRunRow) => ({
    ordinal: host.ordinal,
    name: host.name,
    attempt: host.attempt,
    fold: foldOf(host),
    count: groups.find(({ hash, first }) => hash === foldOf(host) && first.state === host.state)?.count ?? 1,
  });
  const answer = { left: side(left), right: side(right) };
  const cut = { input: false, hunks: false, lines: false, detail: false };
  if (left.ordinal === right.ordinal || (foldOf(left) !== null && foldOf(left) === foldOf(right)))
    return { ...answer, equal: true, hunks: [], cut };

  for (const host of [left, right]) await requireOutput(on, runId, host);
  const budget: HunkBudget = { lines: asked.maxLines, bytes: shownBytes, spent: false, cutLines: false };
  const hunks: Diff['hunks'] = [];
  let equal = true;
  for (const stream of streamsOf(asked.stream)) {
    const a = await textOf(on, left, stream, asked);
    const b = await textOf(on, right, stream, asked);
    await pause();
    const { steps, shortest } = diffLines(a.keys, b.keys, compared.edits);
    equal &&= steps.every(({ kind }) => kind === 'both');
    hunks.push(...hunksOf(steps, { stream, left: a.lines, right: b.lines, context }, budget));
    cut.input ||= a.cut || b.cut;
    cut.detail ||= !shortest;
  }
  return { ...answer, equal, hunks, cut: { ...cut, hunks: budget.spent, lines: budget.cutLines } };
}

async function hostOf(on: Knex, runId: string, ordinal: number): Promise<HostRunRow> {
  const row: HostRunRow | undefined = await on('run_hosts').where({ run_id: runId, ordinal }).first();
  if (!row) throw new OmError('NOT_FOUND', 'The run has no such server.');
  return row;
}

async function textOf(on: Knex, host: HostRunRow, stream: OutputStream, { by, readAs }: Asked): Promise<Text> {
  const { run_id: runId, ordinal, attempt } = host;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const row of chunksFrom(on, { runId, ordinal, attempt }, 1, stream)) {
    const data = bytesOf(row);
    parts.push(data);
    size += data.length;
    if (size > compared.bytes) break;
  }
  const mask = by === 'masked' ? createLineMask(await namesOf(on, host)) : (text: string) => text;
  await pause();
  const bytes = Buffer.concat(parts);
  const kept = bytes.subarray(0, compared.bytes);
  const plain = kept.toString('latin1');
  const lines =
    readAs === undefined || readAs === 'utf-8'
      ? splitLines(kept.toString('utf8'))
      : splitLines(plain).map((line) => readText(Buffer.from(line, 'latin1'), readAs).text);
  const keys = splitLines(mask(plain));
  const cut = kept.length < bytes.length || lines.length > compared.lines || host.discarded_bytes > 0;
  return { lines: lines.slice(0, compared.lines), keys: keys.slice(0, compared.lines), cut };
}

/** A host's own name and address, as the plan has them. */
async function namesOf(on: Knex, { run_id, ordinal, name }: HostRunRow): Promise<string[]> {
  const planned: { address: string } | undefined = await on('plan_hosts')
    .join('runs', 'runs.plan_id', 'plan_hosts.plan_id')
    .where({ 'runs.id': run_id, 'plan_hosts.ordinal': ordinal })
    .first('plan_hosts.address');
  return planned ? [name, planned.address] : [name];
}

/** Each step is work of some ten milliseconds: others get their turn in between. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const noNewline = ' [no newline at the end]';

function splitLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop();
  if (last !== undefined && last !== '') lines.push(last + noNewline);
  return lines;
}
