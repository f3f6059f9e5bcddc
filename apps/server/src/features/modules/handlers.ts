import { type MethodName, type ModuleCheck, type ModuleUsage, type ModuleVersion, OmError } from '@omanager/contract';
import { fileParamsOf, type Manifest, validateParams } from '@omanager/task-module';
import type { Knex } from 'knex';
import { iso } from '../../db/page.ts';
import type { AuditNote, HandlersOf } from '../../rpc/handlers.ts';
import type { Authoring } from './authoring.ts';
import type { Checked } from './check.ts';
import type { Offered } from './offered.ts';
import { type LoadedModule, toDetail, toSummary } from './registry.ts';
import type { HistoryRow, ModuleStore } from './store.ts';
import { versionAfter } from './versionOrder.ts';

export type ModuleMethods = Extract<MethodName, `modules.${string}`>;

/** What the runs know about modules. */
export interface UsagePort {
  countByVersion(on: Knex, digests: readonly string[]): Promise<ReadonlyMap<string, number>>;
  lately(on: Knex, modules: readonly string[]): Promise<ModuleUsage[]>;
}

/** The script a manifest makes of a form, as a plan shows it. */
export type Preview = (
  manifest: Manifest,
  input: { params: Record<string, unknown>; files: Record<string, { name: string; data: string }> },
) => string;

interface Options {
  knex: Knex;
  offered: Offered;
  authoring: Authoring;
  store: ModuleStore;
  usage: UsagePort;
  preview: Preview;
}

export function createHandlers({
  knex,
  offered,
  authoring,
  store,
  usage,
  preview,
}: Options): HandlersOf<ModuleMethods> {
  const current = async (on: Knex, id: string) => toSummary(await offered.view(on, id));

  return {
    'modules.list': async (_call, { retired }) => ({ items: (await offered.list(knex, { retired })).map(toSummary) }),
    'modules.get': async (_call, { module }) => toDetail(await offered.view(knex, module)),
    'modules.versions': async (_call, { module }) => {
      const found = await offered.view(knex, module);
      const { id } = found.manifest;
      const [rows, now] = await Promise.all([store.history(knex, id), offered.view(knex, id)]);
      const counts = await usage.countByVersion(
        knex,
        rows.map(({ digest }) => digest),
      );
      return { items: rows.map((row) => toVersion(row, now.digest, counts.get(row.digest) ?? 0)) };
    },
    'modules.usage': async (_call, { modules }) => ({ items: await usage.lately(knex, modules) }),
    'modules.validate': async (_call, { manifest, params }) =>
      toCheck(await authoring.check(knex, manifest), params ?? {}, preview),
    async 'modules.draft'(call, { manifest }) {
      const { userName } = call.signedIn();
      return call.commit(async (tx, note) => {
        const { id, ...draft } = await authoring.draft(tx, manifest, userName);
        name(note, id, { digest: draft.digest });
        return draft;
      });
    },
    async 'modules.save'(call, request) {
      const { userName } = call.signedIn();
      return call.commit(async (tx, note) => {
        const { module, before } = await authoring.save(tx, request, userName);
        name(note, module.manifest.id, { before, after: module.manifest.version, digest: module.digest });
        return toSummary(module);
      });
    },
    async 'modules.retire'(call, { module }) {
      const { userName } = call.signedIn();
      return call.commit(async (tx, note) => {
        name(note, module, { version: (await authoring.retire(tx, module, userName)).version });
        return current(tx, module);
      });
    },
    async 'modules.restore'(call, { module }) {
      return call.commit(async (tx, note) => {
        name(note, module, { version: (await authoring.restore(tx, module)).version });
        return current(tx, module);
      });
    },
  };
}

function name(note: AuditNote, id: string, details: Record<string, unknown>): void {
  note.object = `module:${id}`;
  note.details = { module: id, ...details };
}

function toVersion(row: HistoryRow, currentDigest: string, runs: number): ModuleVersion {
  const { version, digest, author, comment } = row;
  const source = author === null ? row.source : 'ui';
  const at = iso(row.saved_at ?? row.created_at);
  return { version, digest, source, author, comment: comment ?? '', at, current: digest === currentDigest, runs };
}

function toCheck(
  { module, problems, stale, row }: Checked,
  params: Readonly<Record<string, unknown>>,
  preview: Preview,
): ModuleCheck {
  const saved = { latest: row?.version ?? null, nextVersion: row ? versionAfter(row.version) : null };
  if (!module) return { problems, module: null, ...saved, paramProblems: [], script: null };
  const { manifest: _text, ...detail } = toDetail(asLoaded(module));
  // Files are not sent for a look at the form: any file will do.
  const files = Object.fromEntries(fileParamsOf(module.manifest).map((param) => [param, { name: param, data: '' }]));
  const { values, problems: found } = validateParams(module.manifest, { ...params, ...files });
  const filled = Object.fromEntries(Object.entries(values).filter(([param]) => !Object.hasOwn(files, param)));
  return {
    problems: [...problems, ...stale],
    module: detail,
    ...saved,
    paramProblems: found.map(({ param, code, message }) => ({ param, code, message })),
    script: found.length > 0 ? null : shown(() => preview(module.manifest, { params: filled, files })),
  };
}

function asLoaded(module: NonNullable<Checked['module']>): LoadedModule {
  return { ...module, source: 'ui', retired: null };
}

/** A path that these params do not make is the operator's to correct, and no failure. */
function shown(render: () => string): string | null {
  try {
    return render();
  } catch (error) {
    if (error instanceof OmError) return null;
    throw error;
  }
}
