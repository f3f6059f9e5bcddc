import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MergedLine, ParamsIn, ResultOf } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { killNow, listProcesses } from '../lab/processes.ts';
import { waitFor } from '../lab/wait.ts';
import { finished, hostName, hostsOf, type ModuleFile, outputOf, type Rig, runOn, start, startRig } from './rig.ts';

const hosts = 20;
const capKb = 256;
const modules: ModuleFile[] = [
  {
    id: 'count.follow',
    follow: true,
    idempotent: true,
    limits: { timeout: '2h' },
    params: { token: { type: 'string', secret: true } },
    shell: `
      echo "the token is $token"
      n=0
      while :; do
        n=$((n + 1))
        if [ $((n % 2)) -eq 0 ]; then echo "$OM_HOST EVEN $n"; else echo "$OM_HOST odd $n"; fi
        sleep 0.05
      done`,
  },
  {
    id: 'flood.follow',
    follow: true,
    params: { lines: { type: 'integer', default: 100_000 } },
    shell: `
      awk -v n="$lines" 'BEGIN { for (i = 1; i <= n; i++) printf "line %07d of %s\\n", i, ENVIRON["OM_HOST"] }'
      echo all >&2
      sleep 600`,
  },
  { id: 'yes.follow', follow: true, shell: 'yes "$OM_HOST"' },
  { id: 'ends.follow', follow: true, shell: 'echo begun; printf "no end"; exit 3' },
  { id: 'ends.once', shell: 'echo done' },
];

describe.skipIf(!has('sshd', 'useradd'))('a run that follows', () => {
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig({
      hosts,
      modules,
      server: { env: { OM_OUTPUT_CAP_KB: String(capKb), OM_CONCURRENCY: String(hosts) } },
    });
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
  const processesOf = (runId: string) =>
    listProcesses().filter(({ pid, zombie }) => !zombie && environmentOf(pid).includes(runId));

  it('shows a file of all servers as one, and ends well when it is stopped', async () => {
    const file = join(rig.user.home, 'app.log');
    writeFileSync(file, 'one\ntwo\nthree\n', { mode: 0o644 });
    const { id } = await start(rig.client, { module: 'log.follow', selector: 'h-*', params: { file, lines: 2 } });
    const fromAll = (text: string) => (lines: MergedLine[]) =>
      lines.filter((line) => line.text === text).length === hosts;
    const first = await follow({ runId: id }, fromAll('three'));
    expect(first.lines.map(({ text }) => text)).not.toContain('one');
    // They hold no place that others wait for.
    const { run: other } = await runOn(rig.client, { module: 'ends.once', selector: 'h-*' });
    expect(other).toMatchObject({ state: 'succeeded' });
    appendFileSync(file, 'four\nfi');
    appendFileSync(file, 've\n');
    const { lines } = await follow({ runId: id, after: first.events.at(-1)?.cursor }, fromAll('five'));
    const texts = Object.groupBy(lines, ({ name }) => name);
    for (let i = 0; i < hosts; i++) expect(texts[hostName(i)]?.map(({ text }) => text)).toEqual(['four', 'five']);
    expect((await stop(id)).state).toBe('stopping');
    const run = await finished(rig.client, id);
    expect(run).toMatchObject({ state: 'succeeded', counts: { ok: hosts } });
    for (const { message, exitCode } of await hostsOf(rig.client, id)) {
      expect(message).toMatch(/^Followed for \d+ s, then it was stopped\.$/);
      expect(exitCode).toBeNull();
    }
    await waitFor('nothing of it is left', () => processesOf(id).length === 0);
  });

  it('ends well when its time is up, as aborted when it is aborted, and as failed when it ends by itself', async () => {
    const selector = 'h-00[1-3]';
    const [timed, aborted, failed] = await Promise.all([
      start(rig.client, { module: 'count.follow', selector, timeoutMs: 3000 }),
      start(rig.client, { module: 'count.follow', selector }),
      start(rig.client, { module: 'ends.follow', selector }),
    ]);
    expect(aborted).toMatchObject({ follow: true, timeoutMs: 3_600_000, parallel: 3 });
    expect(await finished(rig.client, timed.id)).toMatchObject({ state: 'succeeded' });
    for (const { message } of await hostsOf(rig.client, timed.id))
      expect(message).toMatch(/^Followed for \d+ s, then its time was up\.$/);
    await follow({ runId: aborted.id }, (lines) => lines.length > 10);
    await rig.client.call('runs.abort', { runId: aborted.id });
    expect(await finished(rig.client, aborted.id)).toMatchObject({ state: 'aborted', counts: { aborted: 3 } });
    const { lines, events } = await follow({ runId: failed.id });
    expect(await finished(rig.client, failed.id)).toMatchObject({ state: 'failed', counts: { failed: 3 } });
    // The view of a run that is over ends, with lines that have no end.
    expect(events.at(-1)?.done).toBe(true);
    expect(lines.map(({ text }) => text).sort()).toEqual(['begun', 'begun', 'begun', 'no end', 'no end', 'no end']);
    for (const { id } of [timed, aborted, failed]) expect(processesOf(id)).toEqual([]);
  });

  it('keeps only the lines that its filter wants, and finds no secret by it', async () => {
    const { id } = await start(rig.client, {
      ...{ module: 'count.follow', selector: 'h-00[1-2]', params: { token: 'hunter-2-secret' } },
      filter: { include: 'even|hunter|token', exclude: ' 4$', ignoreCase: true },
    });
    const { lines } = await follow({ runId: id, tailLines: 1000 }, (all) => all.length >= 20);
    await stop(id);
    await finished(rig.client, id);
    expect(lines.filter(({ text }) => text === 'the token is ••••')).toHaveLength(2);
    for (const host of await hostsOf(rig.client, id)) {
      const stored = (await outputOf(rig.client, id, host.ordinal)).toString().trim().split('\n').slice(1);
      expect(stored.slice(0, 3)).toEqual([2, 6, 8].map((n) => `${host.name} EVEN ${n}`));
      expect(stored.filter((line) => !line.includes('EVEN'))).toEqual([]);
      expect(host.filteredLines).toBeGreaterThanOrEqual(stored.length);
    }
    const { id: other } = await start(rig.client, {
      ...{ module: 'count.follow', selector: 'h-001', params: { token: 'hunter-2-secret' }, timeoutMs: 2000 },
      filter: { include: 'hunter' },
    });
    await finished(rig.client, other);
    expect((await outputOf(rig.client, other, 0)).toString()).toBe('');
  });

  it('shows each watcher what it asks for, each line once, also after a cut', async () => {
    const { id } = await start(rig.client, { module: 'count.follow', selector: 'h-*' });
    const [all, some, even] = await Promise.all([
      follow({ runId: id, tailLines: 1000 }, (lines) => lines.length >= 2000),
      follow({ runId: id, hosts: [3, 5], tailLines: 1000 }, (lines) => lines.length >= 100),
      follow(
        { runId: id, filter: { include: 'even', ignoreCase: true }, tailLines: 3 },
        (lines) => lines.length >= 300,
      ),
    ]);
    expect(new Set(some.lines.map(({ ordinal }) => ordinal))).toEqual(new Set([3, 5]));
    expect(even.lines.filter(({ text }) => !text.includes('EVEN'))).toEqual([]);
    const resumed = await follow({ runId: id, after: all.events.at(-1)?.cursor }, (lines) => lines.length >= 1000);
    const skipped = [...all.events, ...resumed.events].reduce((sum, event) => sum + event.skipped, 0);
    expect(skipped).toBe(0);
    const ofHost = Object.groupBy([...all.lines, ...resumed.lines], ({ name }) => name);
    for (let i = 0; i < hosts; i++) {
      const [, ...texts] = ofHost[hostName(i)] ?? [];
      expect(texts.length).toBeGreaterThan(20);
      expect(texts.map(({ text }) => text)).toEqual(
        texts.map((_, n) => `${hostName(i)} ${n % 2 ? 'EVEN' : 'odd'} ${n + 1}`),
      );
    }
    const times = all.lines.map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
    await stop(id);
    await finished(rig.client, id);
  });

  it('keeps the newest of an output that is too long', async () => {
    const { id } = await start(rig.client, { module: 'flood.follow', selector: 'h-00[1-3]' });
    // Not by the live view: in a flood it leaves lines out.
    for (const ordinal of [0, 1, 2])
      await waitFor(
        'all was printed',
        async () => (await outputOf(rig.client, id, ordinal, 'stderr')).length > 0,
        60_000,
        200,
      );
    await stop(id);
    await finished(rig.client, id);
    for (const host of await hostsOf(rig.client, id)) {
      const { chunks } = await rig.client.call('runs.output', { runId: id, ordinal: host.ordinal });
      expect(chunks[0]?.seq).toBeGreaterThan(1);
      const kept = (await outputOf(rig.client, id, host.ordinal)).toString();
      expect(kept.length).toBeGreaterThan(capKb * 512);
      expect(kept.length).toBeLessThanOrEqual(capKb * 1024);
      expect(host.stdoutBytes).toBe(100_000 * 'line 0000001 of h-001\n'.length);
      expect(host.stdoutBytes + host.stderrBytes - host.discardedBytes).toBe(kept.length + 'all\n'.length);
      const last = kept.trimEnd().split('\n').slice(1);
      expect(last.at(-1)).toBe(`line 0100000 of ${host.name}`);
      expect(last).toEqual(
        last.map((_, i) => `line ${String(100_001 - last.length + i).padStart(7, '0')} of ${host.name}`),
      );
    }
  });

  it('slows servers down that print without end, and does not grow by it', async () => {
    const { id } = await start(rig.client, { module: 'yes.follow', selector: 'h-[001-010]' });
    const megabyte = 1024 * 1024;
    /** What has passed by now, about: chunks are numbered, and hold 32 KiB of such an output. */
    const passed = async () => {
      const firsts = Array.from({ length: 10 }, async (_, ordinal) => {
        const { chunks } = await rig.client.call('runs.output', { runId: id, ordinal, maxBytes: 1 });
        return chunks[0]?.seq ?? 0;
      });
      return (await Promise.all(firsts)).reduce((sum, seq) => sum + seq, 0) * 32 * 1024;
    };
    const watching = follow({ runId: id });
    await waitFor('it runs', async () => (await passed()) > 32 * megabyte, 60_000);
    const warm = rssOf(rig.server.pid);
    const most: number[] = [];
    await waitFor(
      'much more has passed',
      async () => {
        most.push(rssOf(rig.server.pid));
        return (await passed()) > 160 * megabyte;
      },
      50_000,
      100,
    );
    expect(Math.max(...most) - warm).toBeLessThan(64 * megabyte);
    await stop(id);
    expect(await finished(rig.client, id)).toMatchObject({ state: 'succeeded' });
    for (const host of await hostsOf(rig.client, id)) {
      expect(host.stdoutBytes).toBeGreaterThan(megabyte);
      expect(host.stdoutBytes - host.discardedBytes).toBeLessThanOrEqual(capKb * 1024);
      expect(host.discardedFor).toBe('host_cap');
    }
    const { events } = await watching;
    expect(events.at(-1)?.done).toBe(true);
    expect(events.reduce((sum, { skipped }) => sum + skipped, 0)).toBeGreaterThan(megabyte);
  });

  it('leaves nothing behind where its connection breaks, and follows again when it is told to', async () => {
    const { id } = await start(rig.client, { module: 'count.follow', selector: 'h-[001-003]' });
    await follow({ runId: id, tailLines: 100 }, (lines) => lines.length > 30);
    for (const pid of rig.sshd.sessionPids(rig.user.name)) killNow(pid);
    expect((await finished(rig.client, id)).counts).toMatchObject({ ok: 0 });
    await waitFor('nothing of it is left', () => processesOf(id).length === 0);
    await rig.client.call('runs.retry', { runId: id });
    const again = await follow(
      { runId: id, tailLines: 100 },
      (lines) => new Set(lines.map(({ name }) => name)).size === 3,
    );
    expect(again.lines.some(({ text }) => text.endsWith(' odd 1'))).toBe(true);
    await stop(id);
    expect(await finished(rig.client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  it('ends in order when OMServer does, and says so', async () => {
    const { id } = await start(rig.client, { module: 'count.follow', selector: 'h-[001-003]' });
    await follow({ runId: id, tailLines: 100 }, (lines) => lines.length > 10);
    await rig.server.restart();
    expect(await finished(rig.client, id)).toMatchObject({ counts: { aborted: 3 } });
    for (const { message } of await hostsOf(rig.client, id))
      expect(message).toMatch(/^Followed for \d+ s, then OMServer stopped; retry to go on\.$/);
    expect(processesOf(id)).toEqual([]);
  });

  it.each<[Partial<ParamsIn<'runs.plan'>>, string, RegExp]>([
    [{ parallel: 5 }, 'INVALID_PARAMS', /runs on all its servers at once/],
    [{ rollout: { canary: 1 } }, 'INVALID_PARAMS', /without waves/],
    [{ timeoutMs: 3 * 3_600_000 }, 'LIMIT', /may follow for 2 h at most/],
    [{ filter: { include: '(' } }, 'INVALID_PARAMS', /include: not a pattern/],
    [{ module: 'ends.once', filter: { include: 'x' } }, 'INVALID_PARAMS', /does not follow/],
  ])('refuses %j', async (asked, code, message) => {
    await expect(
      rig.client.call('runs.plan', { module: 'count.follow', selector: 'h-*', ...asked }),
    ).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuses more servers than a zone lets run at once', async () => {
    await rig.client.call('zones.save', { zone: { name: 'default', hostKeyPolicy: 'accept', parallel: 10 } });
    await expect(rig.client.call('runs.plan', { module: 'count.follow', selector: 'h-*' })).rejects.toMatchObject({
      code: 'LIMIT',
      message: expect.stringContaining('20 in zone default, whose limit is 10'),
    });
    await rig.client.call('zones.save', { zone: { name: 'default', hostKeyPolicy: 'accept', parallel: null } });
  });
});

function rssOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
