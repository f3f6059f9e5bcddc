import { type ActionEvent, auditFileCut, auditFileHead, auditFileLine, type ExportSeal } from '@omanager/contract';
import { expect, it } from 'vitest';
import { gathered, mostExported } from './exportEvents.ts';

const event: ActionEvent = {
  ...{ id: '1', at: '2026-01-01T00:00:00.000Z', actorKind: 'user', actorId: null, actorName: 'ada', deviceId: null },
  ...{ address: '::1', action: 'runs.start', object: null, outcome: 'done', code: null, details: {} },
};
const seal = (whole: boolean): ExportSeal => ({ manifest: '{}', signature: 's', whole });
type Part = { events: readonly ActionEvent[]; seal?: ExportSeal };

async function gather(format: 'jsonl' | 'csv', ...parts: readonly Part[]) {
  async function* come() {
    yield* parts;
  }
  const options = { format, signal: new AbortController().signal, progress: () => {} };
  const { file, ...rest } = await gathered(come(), 'actions', options);
  return { ...rest, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.arrayBuffer()) };
}

it.each(['jsonl', 'csv'] as const)('a file of %s that the server cut says so, and is signed', async (format) => {
  const whole = auditFileHead('actions', format) + auditFileLine('actions', event, format);
  const all = await gather(format, { events: [event] }, { events: [], seal: seal(true) });
  expect(all).toEqual({ text: whole, count: 1, whole: true, seal: seal(true) });
  const cut = await gather(format, { events: [event] }, { events: [], seal: seal(false) });
  expect(cut).toEqual({
    ...{ text: whole + auditFileCut('actions', format, 1), count: 1, whole: false },
    seal: seal(false),
  });
  expect(cut.text).toContain('om-export-cut');
});

it('one that came in pieces has no signature, and is not called whole when it is as much as a file may hold', async () => {
  expect(await gather('jsonl', { events: [event] })).toMatchObject({ whole: true, seal: null });
  const full = await gather('jsonl', { events: Array<ActionEvent>(mostExported).fill(event) });
  expect(full).toMatchObject({ count: mostExported, whole: false, seal: null });
  expect(full.text.endsWith(auditFileCut('actions', 'jsonl', mostExported))).toBe(true);
});
