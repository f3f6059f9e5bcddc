import type { HostRun } from '@omanager/contract';
import { expect, it } from 'vitest';
import { fakeCli } from '../testing/fakeCli.ts';
import { at, makeHost, runId } from '../testing/runs.ts';
import { waitForAnswers } from './askAnswers.ts';

const asked = makeHost(1, 'lost', { message: 'lost', probeAt: at });
const later = '2031-01-01T00:00:03.000Z';

/** A server that shows these in turn. */
function showing(...seen: HostRun[]) {
  let looks = 0;
  const call = async () => ({ items: [seen[Math.min(looks++, seen.length - 1)]], nextCursor: null });
  return { client: { call } as never, looks: () => looks };
}

it.each([
  ['is asked again', { ...asked, probeAt: later }],
  ['is not', { ...asked, state: 'failed' as const, probeAt: null }],
])(
  'waits for the answer to its own question, whatever an earlier one brings: a server that %s',
  async (_, answered) => {
    const { client, looks } = showing(asked, { ...asked, message: 'It still runs as pid 7.' }, answered);
    expect(await waitForAnswers(fakeCli().cli, client, { runId, at, before: [asked] })).toEqual([answered]);
    expect(looks()).toBe(3);
  },
);
