import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pages } from '@omanager/client';
import type { CommandEvent } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { isAlive, killNow } from '../lab/processes.ts';
import { createUser, type LabUser } from '../lab/users.ts';
import { canView, createView, type View } from '../lab/view.ts';
import { waitFor } from '../lab/wait.ts';
import { outputOf, type Rig, runOn, startRig } from '../runs/rig.ts';
import { prompt, sitDown, type Typist } from './typing.ts';

const patient = 120_000;
/** How long the server is away. 120 to do it for real. */
const awayMs = Number(process.env.OM_TEST_AWAY_SECONDS ?? '2') * 1000;
const spool = '/var/spool/omanager-audit';
const forwarder = '/usr/local/lib/omanager-audit/forwarder';
const hooked = ['/etc/bash.bashrc', '/etc/zsh/zshrc'];
const profile = '/etc/profile.d/zz-omanager-audit.sh';

/**
 * The whole product: OMServer installs the agent by its own module, over a real sshd, where agents really stand (in a view
 * of this machine); real logins of bash and zsh read what distributions put there.
 */
describe.skipIf(!has('sshd', 'useradd', 'sudo', 'bash', 'zsh') || !canView())('commands typed on a server', () => {
  let view: View;
  let rig: Rig;
  const users: LabUser[] = [];
  const typists: Typist[] = [];

  beforeAll(async () => {
    // Before the view is made, so that it knows them.
    for (const shell of ['bash', 'zsh']) {
      const user = await createUser({ shell: `/bin/${shell}` });
      users.push(user);
      const rc = shell === 'bash' ? '.bash_profile' : '.zshrc';
      writeFileSync(`${user.home}/${rc}`, `export LC_ALL=C.UTF-8\nPS1='${prompt}' PS2='${prompt}'\n`);
    }
    view = await createView();
    rig = await startRig({ hosts: 1, user: { sudo: 'nopasswd' }, sshd: { within: view.within } });
  }, patient);
  afterAll(async () => {
    for (const typist of typists) typist.leave();
    try {
      view.sh(`${forwarder} stop`);
    } catch {
      // It is removed.
    }
    await rig?.stop();
    await view?.remove();
    for (const user of users) await user.remove();
  }, patient);

  async function run(module: string, params: Record<string, unknown> = {}) {
    const { run: ended, hosts } = await runOn(rig.client, { module, selector: '*', params });
    return { state: hosts[0]?.state, out: (await outputOf(rig.client, ended.id, 0)).toString() };
  }
  const install = (url = rig.server.url) => run('audit.install', { url, spool: 1 });
  const read = (path: string) => readFileSync(view.path(path), 'utf8');
  const agent = async () => (await rig.client.call('agents.list', { limit: 10 })).items[0];

  async function eventsOf(user: LabUser): Promise<CommandEvent[]> {
    const found: CommandEvent[] = [];
    for await (const event of pages(rig.client, 'commands.list', { user: user.name, limit: 1000 }, {}))
      found.push(event);
    return found.reverse();
  }
  const commandsOf = async (user: LabUser) => (await eventsOf(user)).filter(({ kind }) => kind === 'command');

  async function restartForwarder(): Promise<void> {
    const pid = Number(read(`${spool}/state/pid`).split(' ')[0]);
    killNow(pid);
    await waitFor('the forwarder is dead', () => !isAlive(pid));
    view.sh(`${forwarder} ensure </dev/null >/dev/null 2>&1`);
  }
  /** Everything that shells have noted is numbered and in the queue. */
  const taken = () =>
    waitFor(
      'the forwarder has taken all',
      () => [`${spool}/in`, `${spool}/state/stage`].every((folder) => readdirSync(view.path(folder)).length === 0),
      patient,
    );

  it('the agent is put where shells look, twice like once', async () => {
    const { state, out } = await install();
    expect(out).toContain('forwarder: runs');
    expect(state).toBe('ok');
    const after = [...hooked, profile].map(read);
    for (const [i, path] of hooked.entries()) expect(after[i]?.startsWith(readFileSync(path, 'utf8'))).toBe(true);
    await waitFor('its first batch is taken', async () => (await agent())?.lastSeenAt, patient);
    const told = await waitFor('it tells how it does', async () => (await agent())?.agent?.heartbeatAt, patient);
    expect(Date.parse(told)).toBeGreaterThan(Date.now() - patient);
    expect(await agent()).toMatchObject({
      agent: { spoolBoundKib: 1024, waiting: expect.any(Number), lost: 0, clockSeconds: expect.any(Number) },
    });
    expect((await install()).state).toBe('ok');
    expect([...hooked, profile].map(read)).toEqual(after);
    const modes = [
      '/etc/omanager-audit',
      '/etc/omanager-audit/ipad',
      '/etc/omanager-audit/opad',
      `${spool}/state`,
      `${spool}/in`,
    ];
    expect(modes.map((path) => statSync(view.path(path)).mode & 0o7777)).toEqual([0o700, 0o600, 0o600, 0o700, 0o1733]);
    expect(await run('audit.status')).toMatchObject({ state: 'ok' });
    expect(existsSync(profile)).toBe(false);
  });

  const long = `echo ${'ten thousand '.repeat(800)}| wc -c`;
  const loop = 'for i in 1 2\ndo echo $i\ndone';
  /** What is typed, its exit code, and what of it arrives where that is something else. */
  const typed = (shell: string): [lines: string, exit: number, text?: string][] => [
    [`echo "a 'b'" | cat; false`, 1],
    [' echo leading', 0],
    [`printf '%s' '中文 \\n'`, 0],
    shell === 'bash' ? [loop, 0, 'for i in 1 2; do echo $i; done'] : [loop, 0],
    [long, 0],
    ['unset HISTFILE', 0],
    ['cd /usr', 0],
    ['(exit 3)', 3],
    ['(echo deep; (exit 4)); sh -c "exit 5"', 5],
  ];

  it(
    'arrive exactly once, although the server was away and the forwarder was killed',
    async () => {
      for (const user of users) typists.push(await sitDown(user, rig.sshd));
      const linesOf = (user: LabUser) => typed(shellOf(user)).flatMap(([lines]) => lines.split('\n'));
      const typeAll = () => Promise.all(users.map((user, i) => typists[i]?.type(linesOf(user))));
      await typeAll();
      await rig.server.kill9();
      await typeAll();
      await restartForwarder();
      await Promise.all(typists.map((typist) => typist.type(['echo away', 'cd'])));
      await sleep(awayMs);
      await restartForwarder();
      await rig.server.restart();
      for (const user of users) {
        const wanted = [
          ...typed(shellOf(user)),
          ...typed(shellOf(user)),
          ['echo away', 0] as const,
          ['cd', 0] as const,
        ];
        await waitFor('all have come', async () => (await commandsOf(user)).length >= wanted.length, patient, 200);
        let directory = user.home;
        const expected = wanted.map(([lines, exit, text = lines], i) => {
          const here = directory;
          if (lines === 'cd /usr') directory = '/usr';
          return {
            ...{ text, exit, directory: here, number: i + 1, uid: user.uid, user: user.name, claimedUser: user.name },
            ...{ via: shellOf(user), source: '127.0.0.1', signed: true, outside: true, marks: [] },
          };
        });
        const events = await eventsOf(user);
        expect(events.map(({ kind }) => kind)).toEqual(expected.map(() => 'command'));
        expect(events).toMatchObject(expected);
        expect(new Set(events.map(({ session }) => session)).size).toBe(1);
      }
      for (const typist of typists) expect(typist.shown()).not.toMatch(/om_|omanager|denied|unbound|not found/i);
      expect(await agent()).toMatchObject({
        agent: { version: '1.3.2', lagMs: expect.any(Number), silentSince: null },
      });
    },
    patient + awayMs,
  );

  it('that find no room are counted, and leave a hole that is told of', async () => {
    const [user] = users;
    const [typist] = typists;
    if (!user || !typist) throw new Error('nobody is there');
    const before = (await commandsOf(user)).length;
    await rig.server.kill9();
    // What a flood looks like: written where the shell writes, 1.2 MB in all, of which the spool may hold 1.
    const flood =
      'x=$(printf %9999d 0); f=$__om_file; for i in {1001..1120}; do printf "B\\t$i\\t${EPOCHREALTIME/./}\\t\\t\\t\\t\\t/\\tbash\\t\\t$x\\n" | sed "s/[0-9]\\{3\\}\\t\\t/\\t\\t/" >>"${f%.om}1.om"; done';
    await typist.type([flood]);
    await taken();
    await typist.type(['echo after the flood']);
    await waitFor('it says that it is full', () => read(`${spool}/state/log`).includes('is full'), patient);
    await taken();
    await rig.server.restart();
    const dropped = await waitFor(
      'the loss is told',
      async () => (await rig.client.call('commands.list', { kinds: ['dropped'] })).items[0],
      patient,
    );
    const lost = Number(/^(\d+) spool full$/.exec(dropped.text)?.[1]);
    const events = await eventsOf(user);
    const commands = events.filter(({ kind }) => kind === 'command');
    const ended = events.filter(({ kind }) => kind === 'ended').length;
    expect(lost).toBeGreaterThan(0);
    expect(new Set(commands.map(({ session, number }) => `${session} ${number}`)).size).toBe(commands.length);
    // The flood, the line that made it, and the one after it. A line that took more than 5 s has an end of its own.
    expect([122, 123]).toContain(commands.length - before + ended + lost);
    // It began to count at 1001.
    const gaps = events.filter(({ kind }) => kind === 'gap').map(({ text }) => text);
    expect(gaps).toContain('commands 1 to 1000 of this shell never came');
  });

  it('survive an upgrade of the agent', async () => {
    const [user] = users;
    const [typist] = typists;
    if (!user || !typist) throw new Error('nobody is there');
    const lib = '/usr/local/lib/omanager-audit';
    // An older one, with something in its spool that it cannot send.
    view.sh(`echo 0.9.0 >${lib}/version; sed -i "s|^url=.*|url='http://127.0.0.1:9'|" /etc/omanager-audit/agent.conf`);
    view.sh(`echo '# old' >>${lib}/records.awk`);
    await restartForwarder();
    await typist.type(['echo before the upgrade']);
    await taken();
    const boot = read(`${spool}/state/boot`);
    expect((await install()).state).toBe('ok');
    await typist.type(['echo after the upgrade']);
    await waitFor(
      'both have come',
      async () => (await commandsOf(user)).some(({ text }) => text === 'echo after the upgrade'),
      patient,
    );
    const texts = (await commandsOf(user)).map(({ text }) => text);
    expect(texts.filter((text) => text.endsWith('the upgrade'))).toEqual([
      'echo before the upgrade',
      'echo after the upgrade',
    ]);
    expect(read(`${spool}/state/boot`)).toBe(boot);
    expect(read(`${lib}/version`)).toBe('1.3.2\n');
    expect(read(`${lib}/records.awk`)).not.toContain('# old');
  });

  it('leave a hole that is told of when their own user takes them away', async () => {
    const [user] = users;
    const [typist] = typists;
    if (!user || !typist) throw new Error('nobody is there');
    await taken();
    const forwarderPid = Number(read(`${spool}/state/pid`).split(' ')[0]);
    process.kill(forwarderPid, 'SIGSTOP');
    try {
      await typist.type(['echo a secret', 'echo another', 'rm -f "$__om_file"', 'echo innocent']);
    } finally {
      process.kill(forwarderPid, 'SIGCONT');
    }
    const events = await waitFor(
      'what is left has come',
      async () => {
        const found = await eventsOf(user);
        return found.some(({ text }) => text === 'echo innocent') ? found : undefined;
      },
      patient,
    );
    const last = events.findIndex(({ text }) => text === 'echo innocent');
    const number = events[last]?.number ?? 0;
    expect(events[last - 1]).toMatchObject({
      ...{ kind: 'gap', uid: user.uid, session: events[last]?.session, number: number - 3 },
      text: `commands ${number - 3} to ${number - 1} of this shell never came`,
    });
  });

  it('come no more when the agent is removed, and nothing of it stays', async () => {
    expect((await run('audit.remove')).state).toBe('ok');
    for (const path of hooked) {
      expect(readFileSync(view.path(path)).equals(readFileSync(path))).toBe(true);
      const [there, here] = [statSync(view.path(path)), statSync(path)];
      expect([there.mode, there.uid, there.gid]).toEqual([here.mode, here.uid, here.gid]);
    }
    for (const path of [
      profile,
      spool,
      '/etc/omanager-audit',
      '/usr/local/lib/omanager-audit',
      '/etc/cron.d/omanager-audit',
    ])
      expect(existsSync(view.path(path))).toBe(false);
    expect((await agent())?.revokedFor).toBe('removed');
    // Shells that are open go on, and say nothing of it.
    for (const typist of typists) {
      const seen = typist.shown().length;
      await typist.type(['echo $((40 + 2))']);
      expect(typist.shown().slice(seen)).toMatch(/^[^\n]*\n42\r\n/);
    }
    expect((await run('audit.status')).state).toBe('failed');
  });
});

const shellOf = ({ home }: LabUser): 'bash' | 'zsh' => (existsSync(`${home}/.zshrc`) ? 'zsh' : 'bash');
