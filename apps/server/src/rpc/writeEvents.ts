import type { z } from 'zod';

/**
 * Checks the events of streams against the contract and writes them as JSON, in UTF-8. An event that several streams
 * share, the same object, is checked and written once.
 */
export function createEventWriter() {
  const known = new WeakMap<object, Uint8Array>();

  function write(schema: z.ZodType, event: unknown): Uint8Array {
    const before = typeof event === 'object' && event !== null ? known.get(event) : undefined;
    if (before) return before;
    const json = Buffer.from(JSON.stringify(schema.parse(event)));
    if (typeof event === 'object' && event !== null) known.set(event, json);
    return json;
  }

  return async function* written(schema: z.ZodType, events: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
    for await (const event of events) yield write(schema, event);
  };
}
