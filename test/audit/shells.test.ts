import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { type Sshd, startSshd } from '../lab/sshd.ts';
import { createUser, type LabUser } from '../lab/users.ts';
import { waitFor } from '../lab/wait.ts';
import { type Agent, startAgent } from './agentRig.ts';
import { prompt, sitDown } from './typing.ts';

const patient = 60_000;

/** Real logins with a terminal. The rc file of the user reads what stands in /etc of a real server. */
describe.skipIf(!has('sshd', 'useradd', 'bash', 'zsh'))('what is typed in shells', () => {
  let agent: Agent;
  let sshd: Sshd;
  const users: LabUser[] = [];

  beforeAll(async () => {
    [agent, sshd] = await Promise.all([startAgent(), startSshd()]);
  });
  afterAll(async () => {
    await Promise.all(users.map((user) => user.remove()));
    await sshd?.stop();
    await agent?.stop();
  });

  async function makeUser(shell: 'bash' | 'zsh', rc: string): Promise<LabUser> {
    const user = await createUser({ shell: `/bin/${shell}` });
    users.push(user);
    const hook = join(agent.root, 'etc', shell === 'bash' ? 'bash.bashrc' : 'zsh/zshrc');
    const name = shell === 'bash' ? '.bash_profile' : '.zshrc';
    writeFileSync(join(user.home, name), `. ${hook}\nPS1='${prompt}'\nPS2='${prompt}'\n${rc}\n. ${hook}\n`);
    return user;
  }

  /** Types these; answers all that the terminal showed. The last line ends the shell. */
  async function type(user: LabUser, lines: readonly string[]): Promise<string> {
    const typist = await sitDown(user, sshd);
    await typist.type(lines);
    return typist.shown();
  }

  const of = (user: LabUser, kind = 'command') =>
    agent.receiver.of(kind).filter(({ uid, number }) => uid === String(user.uid) && number !== '');

  const long = `echo ${'ten thousand '.repeat(800)}| wc -c`;

  it.each([
    [
      'bash',
      'HISTCONTROL=ignoreboth HISTIGNORE="ls*"; PROMPT_COMMAND="hooked=1"; set -u',
      'for i in 1 2; do echo $i; done',
    ],
    [
      'zsh',
      'export LC_ALL=C.UTF-8; setopt hist_ignore_space no_unset; precmd() { hooked=1 }',
      'for i in 1 2\ndo echo $i\ndone',
    ],
  ] as const)('comes from %s exactly once, as it was typed', async (shell, rc, loop) => {
    const user = await makeUser(shell, rc);
    const typed: [lines: string, exit: string, text?: string | undefined, directory?: string][] = [
      [`echo "a 'b'" | cat; false`, '1'],
      [' echo leading', '0'],
      [`printf '%s' '中文 \\n'`, '0'],
      ['for i in 1 2\ndo echo $i\ndone', '0', loop],
      ['(exit 3)', '3'],
      ['echo $hooked', '0'],
      [long, '0'],
      ['unset HISTFILE', '0'],
      ['cd /usr', '0', undefined, user.home],
      ['ls -d .', '0', undefined, '/usr'],
      ['ls -d .', '0', undefined, '/usr'],
      ['(echo deep; (exit 4)); sh -c "exit 5"', '5', undefined, '/usr'],
      ['exec true', '', undefined, '/usr'],
    ];
    const shown = await type(
      user,
      typed.flatMap(([lines]) => lines.split('\n')),
    );
    await waitFor('all have come', () => of(user).length >= typed.length, patient);
    const expected = typed.map(([lines, exit, text = lines, directory = user.home], i) => ({
      ...{ text, exit, directory, number: String(i + 1) },
      ...{ user: user.name, claimed: user.name, via: shell, source: '127.0.0.1' },
    }));
    expect(of(user)).toMatchObject(expected);
    expect(of(user)[0]?.tty).toMatch(/^pts\/\d+$/);
    expect(new Set(of(user).map(({ session }) => session)).size).toBe(1);
    expect(of(user, 'ended')).toEqual([]);
    expect(agent.receiver.refused).toEqual([]);
    expect(shown).not.toMatch(/om_|omanager|denied|unbound|not found/i);
  });

  it('leaves history, traps, options and PROMPT_COMMAND of bash as the user has them', async () => {
    const user = await makeUser('bash', 'HISTCONTROL=ignoreboth; HISTFILE=~/.history');
    const lines = [
      ' echo hidden',
      'echo shown',
      'echo shown',
      'false',
      'echo "code $?, last $_, pipe ${PIPESTATUS[*]}, control $HISTCONTROL"',
      'set -e',
      'true | cat',
      'set +e',
      `trap 'echo "mine: $BASH_COMMAND"' DEBUG`,
      'true',
      'trap - DEBUG',
      'exit 7',
    ];
    const shown = await type(user, lines);
    expect(shown).toContain('code 1, last false, pipe 1, control ignoreboth');
    expect(shown).toContain('mine: true');
    expect(readFileSync(join(user.home, '.history'), 'utf8').split('\n').slice(0, 3)).toEqual([
      'echo shown',
      'false',
      lines[4],
    ]);
    await waitFor('all have come', () => of(user).length >= lines.length - 1, patient);
    // Without its own trap the hook learns of a line when it has ended, and `exit` does not.
    expect(of(user).map(({ text }) => text)).toEqual(lines.slice(0, -1));
  });

  it('is harmless where the spool is missing, read-only or full', async () => {
    const user = await makeUser('bash', `__om_file=/proc/none/x __om_tmp=/proc/none/y`);
    expect(await type(user, ['echo "still $((40 + 2))"', 'exit'])).toMatch(/still 42\r\n/);
    expect(of(user)).toEqual([]);
  });

  it('costs little at the prompt', async () => {
    const user = await makeUser('bash', '');
    const loop =
      't=$EPOCHREALTIME; for ((i = 0; i < 200; i++)); do __om_at=1; __om_pre x; __om_prompt; done; echo "$t $EPOCHREALTIME"';
    const shown = await type(user, [loop, 'exit']);
    const [, from, to] = /(\d+\.\d+) (\d+\.\d+)/.exec(shown) ?? [];
    // For docs/agent.md.
    console.log(`bash hook: ${(((Number(to) - Number(from)) * 1000) / 200).toFixed(2)} ms a command`);
    expect(Number(to)).toBeGreaterThan(Number(from));
  });

  it('goes with the agent: everything in /etc is as it was', async () => {
    const status = await agent.run('audit.status');
    expect(status).toMatchObject({ exitCode: 0 });
    expect(status.stdout).toContain('forwarder: runs');
    appendFileSync(join(agent.root, 'etc/bash.bashrc'), '# written later\n');
    // A second time changes nothing, and keeps what others have written.
    expect((await agent.run('audit.install', { url: agent.receiver.url })).exitCode).toBe(0);
    expect(readFileSync(join(agent.root, 'etc/bash.bashrc'), 'utf8').match(/>>> omanager/g)).toHaveLength(1);
    const removed = await agent.run('audit.remove');
    expect(removed).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(agent.root, 'etc/bash.bashrc'), 'utf8')).toBe('# what was there\n# written later\n');
    expect(readFileSync(join(agent.root, 'etc/zsh/zshrc'), 'utf8')).toBe('# what was there\n');
    expect((await agent.run('audit.status')).exitCode).toBe(1);
  });
});
