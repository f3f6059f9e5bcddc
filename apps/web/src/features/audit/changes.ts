import { z } from 'zod';

const detailsSchema = z.object({
  before: z.record(z.string(), z.unknown()).optional(),
  after: z.record(z.string(), z.unknown()).optional(),
});

export interface Change {
  field: string;
  before: string;
  after: string;
}

/** What an act changed, as its event tells: the fields that differ. None for an act that tells of no change. */
export function changesOf(details: unknown): Change[] {
  const { data } = detailsSchema.safeParse(details);
  if (!data || (!data.before && !data.after)) return [];
  const { before = {}, after = {} } = data;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((field) => ({ field, before: shown(before[field]), after: shown(after[field]) }))
    .filter((change) => change.before !== change.after);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
