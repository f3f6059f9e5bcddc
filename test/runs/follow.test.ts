import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MergedLine, ParamsIn, ResultOf } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { listProcesses } from '../lab/processes.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, hostName, hostsOf, type ModuleFile, outputOf, type Rig, start, startRig } from './rig.ts';

const hosts = 20;
const modules: ModuleFile[] = [
  {
    id: 'count.follow',
    follow: true,
    idempotent: true,
    limits: { timeout: '2h' },
    params: { pause: { type: 'string', default: '0.2' }, word: { type: 'string', secret: true } },
    shell: `
      echo "here is $word" >&2
      n=0
      while :; do
        n=$((n + 1))
        if [ $((n % 2)) -eq 0 ]; then echo "$OM_HOST even $n"; else echo "$OM_HOST odd $n"; fi
        sleep "$pause"
      done`,
  },
  { id: 'ends.follow', follow: true, shell: 'echo begun; exit 3' },
  { id: 'ends.once', shell: 'echo done' },
];

describe.skipIf(!has('sshd', 'useradd'))('a run that follows', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({ hosts, modules });
  });
  afterAll(() => rig?.stop());

  /** Collects what a live view shows until `enough`, or to its end. */
  async function follow(
    asked: ParamsIn<'runs.follow'>,
    enough: (lines: MergedLine[]) => boolean = () => false,
  ): Promise<{ lines: MergedLine[]; events: ResultOf<'runs.follow'>[] }> {
    const lines: MergedLine[] = [];
    const events: ResultOf<'runs.follow'>[] = [];
    for await (const event of rig.client.stream('runs.follow', asked)) {
      events.push(event);
      lines.push(...event.lines);
      if (enough(lines)) break;
    }
    return { lines, events };
  }

  const stop = (runId: string) => rig.client.call('runs.stop', { runId });
  const processesOf = (runId: string) => listProcesses().filter(({ pid, zombie }) => !zombie && environmentOf(pid).includes(runId));

  it('shows a file of all servers as one, and ends well when it is stopped', async () => {
    const file = join(rig.user.home, 'app.log');
    writeFileSync(file, 'one\ntwo\nthree\n', { mode: 0o644 });
    const { id } = await start(rig.client, { module: 'log.follow', selector: 'h-*', params: { file, lines: 2 } });
    const fromAll = (text: string) => (lines: MergedLine[]) => lines.filter((line) => line.text === text).length === hosts;
    const first = await follow({ runId: id }, fromAll('three'));
    expect(first.lines.map(({ text }) => text)).not.toContain('one');
    appendFileSync(file, 'four\nfi');
    appendFileSync(file, 've\n');
    const { lines } = await follow({ runId: id, after: first.events.at(-1)?.cursor }, fromAll('five'));
    const texts = Object.groupBy(lines, ({ name }) => name);
    for (let i = 0; i < hosts; i++)
      expect(texts[hostName(i)]?.map(({ text }) => text)).toEqual(['four', 'five']);
    expect((await stop(id)).state).toBe('stopping');
    const run = await finished(rig.client, id);
    expect(run).toMatchObject({ state: 'succeeded', counts: { ok: hosts } });
    for (const { message, exitCode } of await hostsOf(rig.client, id)) {
      expect(message).toMatch(/^Followed for \d+ s, then it was stopped\.$/);
      expect(exitCode).toBeNull();
    }
    await waitFor('nothing of it is left', () => processesOf(id).length === 0);
  });
});

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
