import type { Client } from '@omanager/client';
import { finalRunStates, OmError } from '@omanager/contract';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';

/** Where a param says that values come from (`x-options` of its schema). */
export const optionsSourceSchema = z.union([
  z.object({ from: z.enum(['hosts', 'groups', 'zones', 'environments']) }),
  z.object({ module: z.string(), params: z.record(z.string(), z.unknown()).optional() }),
]);
export type OptionsSource = z.infer<typeof optionsSourceSchema>;

export interface Asked {
  source: OptionsSource;
  /** What was typed: of servers only those that begin so. */
  typed?: string;
  /** Asked anew, whatever is known. */
  fresh?: boolean;
  /** The chosen servers: a module is run on the first three. Null: none are chosen. */
  selector: string | null;
  signal?: AbortSignal;
}

export interface Offered {
  /** When they were found. */
  at: number;
  values: readonly string[];
  /** The run that found them. */
  runId: string | null;
}

type Caller = Pick<Client, 'call' | 'stream'>;

const mostHosts = 3;
const mostValues = 500;
const keptMs = 60_000;
const mostKept = 50;

/** Values to offer for a field. A module is run as anybody runs one: planned, started, in the list of runs and in the audit. */
export function createOptions(client: Caller, now: () => number = Date.now) {
  const kept = new Map<string, { at: number; answer: Promise<Offered> }>();

  const offer = (values: readonly string[]): Offered => ({ at: now(), values: distinct(values), runId: null });

  async function find({ source, typed = '', selector, signal }: Asked): Promise<Offered> {
    if ('module' in source) return ofModule(source.module, source.params ?? {}, selector, signal);
    const options = signal ? { signal } : {};
    switch (source.from) {
      case 'hosts': {
        const begins = /^[A-Za-z0-9_.-]+$/.test(typed) ? `${typed}*` : '*';
        const { items } = await client.call('hosts.list', { selector: begins, limit: 100 }, options);
        return offer(items.map(({ name }) => name));
      }
      case 'groups':
        return offer((await client.call('groups.list', { limit: 1000 }, options)).items.map(({ path }) => path));
      case 'zones':
        return offer((await client.call('zones.list', {}, options)).items.map(({ name }) => name));
      case 'environments':
        return offer(Object.keys((await client.call('hosts.count', { selector: '*' }, options)).environments));
    }
  }

  async function ofModule(
    module: string,
    params: Record<string, unknown>,
    selector: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Offered> {
    const options = signal ? { signal } : {};
    const { items: some } =
      selector === null ? { items: [] } : await client.call('hosts.list', { selector, limit: mostHosts }, options);
    const chosen = some.map(({ name }) => name);
    if (chosen.length === 0) throw new OmError('NO_HOSTS');
    const plan = await client.call('runs.plan', { module, selector: chosen.join(', '), params }, options);
    // Whatever the module has become since the manifest named it: a field that is opened changes nothing.
    if (plan.module.risk !== 'read' || plan.follow || plan.gate.kind !== 'none')
      throw new OmError('MODULE_INVALID', `${module} is not of risk read, so it is not run to fill a form.`);
    const runId = uuid();
    await client.call('runs.start', { planId: plan.id, digest: plan.digest, runId }, options);
    for await (const { run } of client.stream('runs.watch', { runId, hosts: false }, options))
      if (finalRunStates.has(run.state)) break;
    const { items } = await client.call('runs.hosts', { runId, states: ['ok'] }, options);
    const outputs = await Promise.all(
      items.map(({ ordinal }) =>
        client.call('runs.lines', { runId, ordinal, stream: 'stdout', limit: mostValues }, options),
      ),
    );
    if (outputs.length === 0)
      throw new OmError('NOT_FOUND', `${module} found nothing: it was ok on none of ${chosen.join(', ')}.`);
    return { at: now(), values: distinct(outputs.flatMap(({ lines }) => lines.map(({ text }) => text))), runId };
  }

  return {
    /** The same question within a minute has the same answer, unless it failed, was given up, or is to be asked anew. */
    of(asked: Asked): Promise<Offered> {
      const { source, typed = '', selector, fresh = false } = asked;
      const key = JSON.stringify([source, typed, 'module' in source ? selector : null]);
      const before = kept.get(key);
      if (!fresh && before && now() - before.at < keptMs) return before.answer;
      const answer = find(asked);
      kept.delete(key);
      kept.set(key, { at: now(), answer });
      answer.catch(() => {
        if (kept.get(key)?.answer === answer) kept.delete(key);
      });
      for (const [oldest] of kept) if (kept.size > mostKept) kept.delete(oldest);
      return answer;
    },
  };
}

export type Options = ReturnType<typeof createOptions>;

function distinct(values: readonly string[]): string[] {
  return [...new Set(values.map((value) => value.trim()).filter(Boolean))].slice(0, mostValues);
}
