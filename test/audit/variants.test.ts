import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { canView, createView, type View } from '../lab/view.ts';
import { waitFor } from '../lab/wait.ts';
import { type Agent, noted, startAgent } from './agentRig.ts';

const patient = 60_000;

/** Where a program is; undefined where this machine has none. */
function found(program: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

const applets = [
  'awk',
  'sed',
  'sha256sum',
  'find',
  'du',
  'cut',
  'head',
  'tail',
  'tr',
  'wc',
  'ls',
  'grep',
  'date',
  'od',
];
/** What stands before the machine's own programs, and which of them are not there. */
const variants = [
  { name: 'mawk and curl', needs: ['mawk', 'curl'], awk: 'mawk', hidden: [] },
  { name: 'gawk and wget', needs: ['gawk', 'wget'], awk: 'gawk', hidden: ['curl'] },
  { name: 'original-awk and curl', needs: ['original-awk', 'curl'], awk: 'original-awk', hidden: [] },
  { name: 'busybox and wget', needs: ['busybox', 'wget'], awk: 'busybox', hidden: ['curl'] },
] as const;

describe.skipIf(!has('useradd') || !canView())('the forwarder on servers of other kinds', () => {
  let view: View;
  let agent: Agent | undefined;
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
    await view.remove();
  });

  /** The view's programs are those of the variant. */
  async function makeView(awk: string, hidden: readonly string[]): Promise<void> {
    view = await createView();
    const path = found(awk) ?? '';
    for (const name of awk === 'busybox' ? applets : ['awk']) view.sh('ln -sf "$1" "/usr/local/bin/$2"', path, name);
    if (awk === 'busybox') view.sh('mount --bind "$1" "$(readlink -f /bin/sh)"', path);
    for (const name of hidden) view.sh('mount --bind /dev/null "$(readlink -f "$(command -v "$1")")"', name);
  }

  const here = variants.map((variant) => ({ ...variant, missing: variant.needs.some((name) => !found(name)) }));
  describe.each(here)('with $name', ({ awk, hidden, missing }) => {
    it.skipIf(missing)('sends every character', () => sendsAll(awk, hidden));
  });

  async function sendsAll(awk: string, hidden: readonly string[]): Promise<void> {
    await makeView(awk, hidden);
    agent = await startAgent({}, view);
    const bytes = Buffer.concat([Buffer.from(noted(1, 'caf').split('\n')[0] ?? ''), Buffer.from([0xe9, 0x01, 0x0a])]);
    const texts = ['plain', 'a\\b "c" \'d\' $e `f` %s', '中文 🦆', 'x'.repeat(10_240), 'one\u001dtwo\u001ethree\r'];
    const session = '4000001-1763800000000-1';
    agent.note(session, texts.map((text, i) => noted(i + 1, text, String(i))).join(''), 65_534);
    agent.note('4000002-1763800000000-1', bytes);
    agent.note('4000003-1763800000000-1', `nonsense\n${noted(1, 'good', '130')}`);
    // While the server is away, and with a forwarder that was killed.
    agent.receiver.mode = 'away';
    await agent.kill9();
    agent.ensure();
    await waitFor('it says that the server is away', () => agent?.log().includes('cannot be reached'), patient);
    agent.receiver.mode = 'take';
    const { receiver } = agent;
    await waitFor('all have come', () => receiver.of('command').length === 7, patient);
    expect(receiver.of('command').filter((record) => record.session === session)).toMatchObject(
      [...texts.slice(0, 4), 'one\ntwo\tthree\r'].map((text, i) => ({
        ...{ text, exit: String(i), number: String(i + 1), uid: '65534', user: 'nobody', directory: '/srv' },
      })),
    );
    expect(receiver.of('command').map(({ text }) => text)).toEqual(expect.arrayContaining(['good', 'caf\u00e9\u0001']));
    expect(receiver.of('dropped').map(({ text }) => text)).toEqual(['1 unreadable']);
    expect(receiver.refused).toEqual([]);
  }

  it('is not installed where nothing can send', async () => {
    await makeView('busybox', ['curl', 'wget']);
    view.sh('ln -sf "$1" /usr/local/bin/wget', found('busybox') ?? '');
    await expect(startAgent({}, view)).rejects.toThrow('neither curl nor GNU wget');
  });
});
