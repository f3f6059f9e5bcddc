import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { enrolUser, type Operator } from '../lab/operators.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, startRig } from '../runs/rig.ts';
import { finishedRecording, play, sit } from './rig.ts';

const megabytes = 100;

describe.skipIf(!has('sshd', 'useradd', 'bash'))('a recorded terminal', () => {
  let rig: Rig;
  let worker: Operator;
  let auditor: Operator;
  let viewer: Operator;

  beforeAll(async () => {
    rig = await startRig({
      hosts: 1,
      user: { shell: '/bin/bash' },
      sshd: { config: ['AcceptEnv OM_SESSION LANG LC_*'] },
    });
    [worker, auditor, viewer] = await Promise.all([
      enrolUser(rig.admin, 'worker', 'operator'),
      enrolUser(rig.admin, 'auditor', 'auditor'),
      enrolUser(rig.admin, 'viewer', 'viewer'),
    ]);
  });
  afterAll(async () => {
    for (const person of [worker, auditor, viewer]) person?.client.close();
    await rig?.stop();
  });

  it('types, shows, resizes, knows its session; its recording is what was shown, and the audit has its hash', async () => {
    const terminal = await sit(worker.client, 'h-001', { cols: 100, rows: 30 });
    await terminal.type('stty size; echo session-$OM_SESSION\r');
    await terminal.sees('30 100');
    await terminal.sees(`session-${terminal.id}`);
    await terminal.type("printf '%s\\n' '运维平台 你好 🚀' | tr -d '\\r'; echo \"[$(printf '\\345\\220\\246')]\"\r");
    await terminal.sees('运维平台 你好 🚀\r\n[否]');
    await terminal.resize(132, 43);
    await terminal.type('stty size\r');
    await terminal.sees('43 132');
    expect((await worker.client.call('terminals.list', {})).items.map(({ id }) => id)).toEqual([terminal.id]);
    await terminal.type('exit 3\r');
    expect(await terminal.ended()).toMatchObject({ state: 'ended', end: 'exited', message: 'exit 3' });

    const recording = await finishedRecording(auditor.client, terminal.id);
    expect(recording).toMatchObject({ host: 'h-001', userName: 'worker', state: 'ended', commands: 4, input: false });
    const { file, output, events } = await play(auditor.client, terminal.id);
    expect(createHash('sha256').update(output).digest('hex')).toBe(terminal.digest());
    expect(createHash('sha256').update(file).digest('hex')).toBe(recording.sha256);
    expect(file.split('\n', 1)[0]).toContain('"version":2,"width":100,"height":30');
    expect(events.filter(([, code]) => code === 'r').map(([, , data]) => data)).toEqual(['132x43']);
    expect(events.filter(([, code]) => code === 'i')).toEqual([]);
    const { items } = await auditor.client.call('audit.list', { object: `terminal:${terminal.id}` });
    expect(items.map(({ action }) => action).sort()).toEqual(['recordings.play', 'terminals.ended', 'terminals.open']);
    expect(items.find(({ action }) => action === 'terminals.ended')?.details).toMatchObject({
      sha256: recording.sha256,
    });
  });

  it('full-screen programs are recorded as they were shown', async () => {
    const terminal = await sit(worker.client, 'h-001');
    await terminal.type('top -d 1\r');
    await terminal.sees('load average');
    await terminal.type('q');
    // It throws away what was typed before it ended.
    await terminal.sees(/\?25h[^\n]*\$ $/);
    await terminal.type('echo "left "top\r');
    await terminal.sees('left top');
    // Whichever editor there is; without one, cat reads the same keys.
    await terminal.type('ed=$(command -v vim || command -v vi || echo cat); echo "now "editing; $ed >/dev/tty\r');
    await terminal.sees('now editing');
    await terminal.type('iwritten here');
    await terminal.sees('written here');
    await terminal.type('\x1c\x0e:q!\r');
    await terminal.sees(/\$ $/);
    await terminal.type('exit\r');
    await terminal.ended();
    await finishedRecording(auditor.client, terminal.id);
    const { output } = await play(auditor.client, terminal.id);
    expect(createHash('sha256').update(output).digest('hex')).toBe(terminal.digest());
  });

  it(`${megabytes} MB of output fill no memory and disturb nobody; all of it is in the recording`, async () => {
    const [loud, quiet] = await Promise.all([sit(worker.client, 'h-001'), sit(rig.client, 'h-001')]);
    const before = residentBytes(rig.server.pid);
    let peak = before;
    await loud.type(
      `yes 'a line of 64 characters, which is said again and again and again.' | head -c ${megabytes * 1_000_000}; echo the-end; exit\r`,
    );
    const sampling = setInterval(() => {
      peak = Math.max(peak, residentBytes(rig.server.pid));
    }, 50);
    await quiet.type('echo still-$((1+1))-here\r');
    await quiet.sees('still-2-here');
    await waitFor('the end', () => loud.last?.end, 120_000);
    clearInterval(sampling);
    expect(loud.received).toBeGreaterThan(megabytes * 1_000_000);
    expect(peak - before).toBeLessThan(300 * 1024 * 1024);
    await finishedRecording(auditor.client, loud.id);
    const hash = createHash('sha256');
    for await (const { text } of auditor.client.stream('recordings.play', { id: loud.id }))
      for (const line of text.split('\n'))
        if (line.startsWith('[')) hash.update(JSON.parse(line)[1] === 'o' ? JSON.parse(line)[2] : '');
    expect(hash.digest('hex')).toBe(loud.digest());
    await quiet.type('exit\r');
    await quiet.ended();
  }, 180_000);
});

function residentBytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
