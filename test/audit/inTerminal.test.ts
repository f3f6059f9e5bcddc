import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { canView, createView, type View } from '../lab/view.ts';
import { waitFor } from '../lab/wait.ts';
import { type Rig, runOn, startRig } from '../runs/rig.ts';
import { sit } from '../terminals/rig.ts';

const patient = 120_000;

/** The agent by its own module, and a terminal of OMServer on the same server. */
describe.skipIf(!has('sshd', 'useradd', 'sudo', 'bash') || !canView())('commands in a recorded terminal', () => {
  let view: View;
  let rig: Rig;

  beforeAll(async () => {
    view = await createView();
    rig = await startRig({
      hosts: 1,
      user: { sudo: 'nopasswd', shell: '/bin/bash' },
      // As distributions have it.
      sshd: { within: view.within, config: ['AcceptEnv LANG LC_*'] },
    });
    const { run } = await runOn(rig.client, {
      ...{ module: 'audit.install', selector: '*' },
      params: { url: rig.server.url },
    });
    expect(run.state).toBe('succeeded');
  }, patient);
  afterAll(async () => {
    try {
      view.sh('/usr/local/lib/omanager-audit/forwarder stop');
    } catch {
      // It was never installed.
    }
    await rig?.stop();
    await view?.remove();
  }, patient);

  it('belong to it; a recording that is none of this server is not believed', async () => {
    const terminal = await sit(rig.client, 'h-001');
    await terminal.type('echo recorded\r');
    await terminal.sees('\rrecorded\r');
    await terminal.type('LC_OM_SESSION=01a207e0-e7d0-7562-8068-9af26e9d18f2\recho forged\r');
    await terminal.sees('\rforged\r');
    await terminal.type('exit\r');
    await terminal.ended();
    const events = await waitFor(
      'they have come',
      async () => {
        const { items } = await rig.client.call('commands.list', { user: rig.user.name, kinds: ['command'] });
        return items.length < 4 ? undefined : items;
      },
      patient,
    );
    expect(events.map(({ text, terminalId, outside }) => [text, terminalId, outside])).toEqual([
      ['exit', null, true],
      ['echo forged', null, true],
      ['LC_OM_SESSION=01a207e0-e7d0-7562-8068-9af26e9d18f2', terminal.id, false],
      ['echo recorded', terminal.id, false],
    ]);
  });
});
