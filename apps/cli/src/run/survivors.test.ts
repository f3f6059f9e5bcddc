import pc from 'picocolors';
import { expect, it } from 'vitest';
import { formatTime } from '../io/format.ts';
import { render } from '../io/text.ts';
import { at, makeHost, runId } from '../testing/runs.ts';
import { leftoverLines } from './survivors.ts';

it('names what still runs and how to end it, and who is asked again when', () => {
  const hosts = [
    makeHost(1, 'aborted', { survivors: [4711, 4712] }),
    makeHost(2, 'lost', { probeAt: at }),
    makeHost(3, 'lost', { survivors: [99], probeAt: at }),
    makeHost(4, 'failed'),
  ];
  const plain = { colors: pc.createColors(false), raw: false };
  expect(leftoverLines(runId, hosts).map((line) => render(line, plain))).toEqual([
    `Still running there: web-1 (pid 4711, 4712); end it with: om runs kill ${runId} web-1`,
    `Still running there: web-3 (pid 99); end it with: om runs kill ${runId} web-3`,
    `web-2 will be asked what became of it at ${formatTime(at)}`,
    `ask now: om runs probe ${runId}`,
  ]);
  const many = Array.from({ length: 40 }, (_, i) => makeHost(i, 'aborted', { survivors: [i] }));
  const lines = leftoverLines(runId, many);
  expect(lines).toHaveLength(31);
  expect(render(lines.at(-1) ?? '', plain)).toBe(`… 10 more: om runs hosts ${runId} --not-ok`);
});
