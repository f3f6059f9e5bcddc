import type { z } from 'zod';

/**
 * Checks the events of streams against the contract and writes them as JSON. An event that several streams share, the
 * same object, is checked and written once.
 */
export function createEventWriter() {
  const known = new WeakMap<object, string>();

  function write(schema: z.ZodType, event: unknown): string {
    if (typeof event !== 'object' || event === null) return JSON.stringify(schema.parse(event));
    const text = known.get(event) ?? JSON.stringify(schema.parse(event));
    known.set(event, text);
    return text;
  }

  return async function* written(schema: z.ZodType, events: AsyncIterable<unknown>): AsyncIterable<string> {
    for await (const event of events) yield write(schema, event);
  };
}
