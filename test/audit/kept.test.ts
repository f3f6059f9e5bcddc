import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { canView, createView, type View } from '../lab/view.ts';
import { waitFor } from '../lab/wait.ts';
import { type Agent, noted, startAgent } from './agentRig.ts';

const patient = 60_000;
const unit = '/etc/systemd/system/omanager-audit.service';
const cron = '/etc/cron.d/omanager-audit';

/** Plays systemd's part for one unit: writes down what it is asked, and starts and ends what the unit says. */
const systemctl = `#!/bin/sh
echo "$*" >>/var/systemctl.log
command=$(sed -n 's/^ExecStart=//p' ${unit})
case "$*" in
  restart*) setsid $command </dev/null >/dev/null 2>&1 & ;;
  *--now*) \${command% run} stop ;;
esac
`;

describe.skipIf(!has('useradd') || !canView())('what keeps the forwarder', () => {
  let view: View;
  let agent: Agent | undefined;
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
    await view.remove();
  });
  const calls = () => readFileSync(view.path('/var/systemctl.log'), 'utf8').trim().split('\n');
  async function sends(at: Agent, session: string): Promise<void> {
    at.note(session, noted(1, session));
    await waitFor('it sends', () => at.receiver.of('command').some(({ text }) => text === session), patient);
  }

  it('is a unit where there is systemd, and it goes with the agent', async () => {
    view = await createView();
    view.sh('mkdir -p /run/systemd/system /etc/systemd/system; printf %s "$1" >/usr/local/bin/systemctl', systemctl);
    view.sh('chmod 755 /usr/local/bin/systemctl');
    agent = await startAgent({}, view);
    expect(calls()).toEqual(['daemon-reload', 'enable -q omanager-audit.service', 'restart omanager-audit.service']);
    expect(existsSync(view.path(cron))).toBe(false);
    if (existsSync('/usr/bin/systemd-analyze')) expect(view.sh(`systemd-analyze verify ${unit} 2>&1`)).toBe('');
    await sends(agent, '4000001-1763800000000-1');
    expect((await agent.run('audit.remove')).exitCode).toBe(0);
    expect(calls().slice(3)).toEqual(['disable -q --now omanager-audit.service', 'daemon-reload']);
    expect(existsSync(view.path(unit))).toBe(false);
    expect(agent.pid()).toBeUndefined();
  });

  it('is cron where there is none, which starts it anew and never twice', async () => {
    view = await createView();
    view.sh('mkdir -p /etc/cron.d');
    agent = await startAgent({}, view);
    await sends(agent, '4000001-1763800000000-1');
    const command = /^\* \* \* \* \* root (.+)$/m.exec(readFileSync(view.path(cron), 'utf8'))?.[1] ?? '';
    // As cron starts it: with next to nothing around it.
    const minute = () =>
      execFileSync(view.within[0] ?? '', [...view.within.slice(1), '/bin/sh', '-c', command], {
        ...{ env: { HOME: '/root', SHELL: '/bin/sh', PATH: '/usr/bin:/bin' }, cwd: '/', stdio: 'ignore' },
      });
    const first = agent.pid();
    minute();
    await sends(agent, '4000002-1763800000000-1');
    expect(agent.pid()).toBe(first);
    await agent.kill9();
    minute();
    minute();
    await sends(agent, '4000003-1763800000000-1');
    expect(agent.pid()).not.toBe(first);
    const { receiver } = agent;
    expect(receiver.of('command')).toHaveLength(3);
    expect(receiver.of('started')).toHaveLength(2);
    expect((await agent.run('audit.remove')).exitCode).toBe(0);
    expect(existsSync(view.path(cron))).toBe(false);
  });
});
