import type { HostRun, OutputChunk } from '@omanager/contract';
import { strFromU8, unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { fileText } from './fileText.ts';
import { type Gathered, gather, mostBytes } from './gather.ts';
import { block, columns, logName, record, tableRow } from './writers.ts';
import { zipParts } from './zip.ts';

const id = '019a7c1e-5b7e-7c52-9b0e-2b8d4c9f1a10';
const places = new Map([[0, { address: '10.0.0.1', zone: 'east' }]]);

function hostAt(ordinal: number, name: string): HostRun {
  return {
    ...{ ordinal, hostId: id, name, environment: 'prod', state: 'failed', reason: null, message: null },
    ...{ attempt: 2, exitCode: 3, startedAt: '2026-01-01T00:00:00Z', endedAt: '2026-01-01T00:00:02Z' },
    ...{ durationMs: 2000, stdoutBytes: 0, stderrBytes: 0, discardedBytes: 0, discardedFor: null, filteredLines: 0 },
    ...{ fold: null, survivors: [], probeAt: null, revision: 1 },
  };
}

const chunk = (seq: number, stream: OutputChunk['stream'], bytes: string | Uint8Array): OutputChunk => ({
  ...{ seq, stream, at: '2026-01-01T00:00:00Z' },
  data: btoa(String.fromCharCode(...(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes))),
});

const hostile = '=cmd|calc\n\u001b]52;c;aGk=\u0007<img src=x onerror=alert(1)>\u202egnp.\n\u001b[31m-1+1\u001b[0m\n';
const one: Gathered = { host: hostAt(0, 'web-1'), chunks: [chunk(1, 'stdout', hostile)], cut: false };

it('writes a table whose cells are no formulas, with the first and the last line of each output', () => {
  const text = fileText({ kind: 'csv', rows: [[...columns], tableRow(one, places)] });
  expect(text).toBe(
    `\ufeff${columns.map((name) => `"${name}"`).join(',')}\r\n` +
      '"web-1","10.0.0.1","east","prod","failed","3","2","2026-01-01T00:00:00Z","2026-01-01T00:00:02Z","2000","",' +
      '"\'=cmd|calc","\'-1+1"\r\n',
  );
});

it('writes a report in which nothing of the output is markup, script or hidden', () => {
  const html = fileText({ kind: 'html', title: '</title><script>1</script>', text: block(one, 'web-1', null) });
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;⟨202e⟩gnp.');
  expect(html).toContain(`content="default-src 'none'`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(html).not.toMatch(/[\u0000-\u0008\u001b\u007f-\u009f\u202e]/);
});

it('writes an object of each server, its streams apart and whole where a chunk cuts a character', () => {
  const bytes = new TextEncoder().encode('值\n');
  const chunks = [
    chunk(1, 'stdout', bytes.subarray(0, 1)),
    chunk(2, 'stderr', 'e'),
    chunk(3, 'stdout', bytes.subarray(1)),
  ];
  expect(record({ id, number: 7 }, { ...one, chunks }, places)).toMatchObject({
    ...{ run: 7, name: 'web-1', state: 'failed', exitCode: 3, stdout: '值', stderr: 'e', cut: false },
  });
});

it('packs each log byte for byte, under names that lead nowhere', async () => {
  const raw = Uint8Array.from({ length: 50_000 }, (_, i) => (i * 7 + (i >> 8)) % 256);
  const evil = { host: hostAt(1, '../../etc/passwd'), chunks: [chunk(1, 'stdout', raw)], cut: false };
  async function* logs() {
    yield one;
    yield evil;
    yield { host: hostAt(2, 'silent'), chunks: [], cut: false };
  }
  const parts: Uint8Array[] = [];
  for await (const part of zipParts(logs(), () => [{ name: 'servers.csv', text: 'a' }])) parts.push(part);
  const files = unzipSync(Buffer.concat(parts));
  expect(Object.keys(files)).toEqual([logName(one.host), '00002-__.._etc_passwd-2.log', 'servers.csv']);
  expect(strFromU8(files[logName(one.host)] ?? new Uint8Array())).toBe(hostile);
  expect(files[logName(evil.host)]).toEqual(raw);
});

it('takes no more than a page may keep, and says where it ended', async () => {
  const big = btoa('\0'.repeat(1_048_576));
  let asked = 0;
  const client = {
    async call(_name: string, { after }: { after: number }) {
      asked += 1;
      return { chunks: [{ seq: after + 1, stream: 'stdout', at: '', data: big }], more: after < 39 };
    },
  };
  const cuts: boolean[] = [];
  // A double of the one method that is called.
  const reader = client as unknown as Parameters<typeof gather>[0];
  for await (const { cut } of gather(
    reader,
    { id },
    [hostAt(0, 'a'), hostAt(1, 'b'), hostAt(2, 'c')],
    AbortSignal.any([]),
  ))
    cuts.push(cut);
  expect(cuts).toEqual([false, true, true]);
  expect(asked).toBeLessThanOrEqual(mostBytes / 1_048_576 + 1);
});
