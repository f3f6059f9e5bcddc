import { randomBytes } from 'node:crypto';
import { chownSync, unlinkSync, writeFileSync } from 'node:fs';
import type { Client } from '@omanager/client';
import { type CredentialSecret, finalRunStates } from '@omanager/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { has } from '../lab/have.ts';
import { generateKey, type KeyPair } from '../lab/keys.ts';
import { type ProcessWatch, watchProcesses } from '../lab/processWatch.ts';
import { createUser, type LabUser } from '../lab/users.ts';
import { formsOf, found, foundInFiles, foundInTables } from './canaries.ts';
import { addHosts, finished, hostsOf, type ModuleFile, outputOf, type Rig, start, startRig } from './rig.ts';

const random = () => randomBytes(12).toString('hex');
const passphrase = `pass phrase ${random()}`;
/** One key with a passphrase, which the server forgets once it has opened it, and one without. */
const [lockedKey, openKey] = [generateKey('ed25519', passphrase), generateKey()];
const canaries: Record<string, string> = {
  secret: `it's "secret" €\\n ${random()}`,
  lines: `-----BEGIN THING-----\n${Array.from({ length: 5 }, () => random() + random()).join('\n')}\n-----END THING-----\n`,
  file: `in a file ${random()}`,
  rejected: `rejected ${random()}`,
  passphrase,
  lockedKey: lockedKey.privateKey,
  openKey: openKey.privateKey,
};

const params = {
  secret: { type: 'string', secret: true, maxLength: 200 },
  lines: { type: 'string', format: 'textarea', secret: true },
  short: { type: 'string', secret: true, pattern: '^[0-9]{1,4}$' },
};
const byteByByte = `import os, sys, time
for i in open(os.environ["OM_HOLD"], "rb").read():
    os.write(int(sys.argv[1]), bytes([i])); time.sleep(0.004)`;
const leak = `
umask 077
hold=$(mktemp)
printf '%s' "$secret" >"$hold"
export OM_HOLD="$hold"
printf 'plain: %s\\n' "$secret"
printf 'lines: %s\\n' "$lines"
printf '%s' "$secret" | base64 -w 0; echo
printf 'x%s' "$secret" | base64 -w 0; echo
printf '%s' "$secret" | od -An -v -tx1 | tr -d ' \\n'; echo
python3 -c '${byteByByte}' 1; echo
python3 -c '${byteByByte}' 2; echo >&2
cat "$HOME/of-this-host"
rm -f "$hold"
sleep 0.3
echo end
`;
const modules: ModuleFile[] = [
  { id: 'leak.login', params, shell: leak },
  {
    id: 'leak.root',
    runAs: 'root',
    params,
    shell: leak.replace('"$HOME/of-this-host"', '"$(getent passwd "$SUDO_USER" | cut -d: -f6)/of-this-host"'),
  },
  {
    id: 'leak.script',
    params,
    script: {
      interpreter: 'python3',
      source:
        'import json, os\np = json.load(open(os.environ["OM_PARAMS"]))\nprint(p["secret"], p["lines"], json.dumps(p), flush=True)\n',
    },
  },
  {
    id: 'leak.file',
    params: { file: { type: 'string', format: 'file', secret: true } },
    shell: 'cat "$file"; wc -c <"$file"',
  },
  { id: 'leak.fold', params, shell: 'echo the same everywhere; printf "%s\\n" "$secret"; exit 3' },
];

describe.skipIf(!has('sshd', 'useradd', 'sudo', 'python3'))('secrets', () => {
  let rig: Rig;
  let client: Client;
  let watch: ProcessWatch;
  const users: LabUser[] = [];
  /** Everything that the server answered, and every error. */
  const answers: string[] = [];
  const given = { secret: canaries.secret ?? '', lines: canaries.lines ?? '' };

  beforeAll(async () => {
    rig = await startRig({ hosts: 1, modules, server: { env: { OM_LOG_LEVEL: 'trace' } } });
    client = recording(rig.client, (text) => answers.push(text));
    await client.call('hosts.remove', { names: ['h-001'] });
    watch = await watchProcesses();
    const { privateKey } = openKey;
    const opened = await addUser('opened', openKey, ({ password: sudoPassword }) => {
      canaries.sudoPassword = sudoPassword;
      return { kind: 'key', privateKey, sudoPassword };
    });
    const passworded = await addUser('passworded', openKey, ({ password }) => {
      canaries.password = password;
      return { kind: 'password', password };
    });
    const locked = await addUser('locked', lockedKey, ({ password: sudoPassword }) => {
      canaries.otherSudoPassword = sudoPassword;
      return { kind: 'key', privateKey: lockedKey.privateKey, passphrase, sudoPassword };
    });
    const base64 = Buffer.from(privateKey).toString('base64');
    tell(opened, [opened.password, privateKey, base64, ...(base64.match(/.{1,76}/g) ?? [])]);
    tell(passworded, [passworded.password]);
    tell(locked, [locked.password]);
  });
  afterAll(async () => {
    await rig?.stop();
    for (const user of users) await user.remove();
  });

  async function addUser(
    name: string,
    { publicLine }: KeyPair,
    secretOf: (user: LabUser) => CredentialSecret,
  ): Promise<LabUser> {
    const user = await createUser({ authorizedKey: publicLine, sudo: 'password' });
    users.push(user);
    await client.call('credentials.add', { name, secret: secretOf(user) });
    const { address, port } = rig.sshd;
    await addHosts(client, [{ name, address, port, user: user.name, credential: name }]);
    return user;
  }

  /** Puts the host's own credential into a file that the body shows. */
  function tell({ home, uid, gid }: LabUser, lines: string[]): void {
    writeFileSync(`${home}/of-this-host`, `${lines.join('\n')}\n`, { mode: 0o600 });
    chownSync(`${home}/of-this-host`, uid, gid);
  }

  async function leakedBy(module: string) {
    const { id } = await start(client, { module, selector: '*', params: given });
    await finished(client, id);
    const hosts = await hostsOf(client, id);
    const outputs = await Promise.all(
      hosts.flatMap(({ ordinal }) => [outputOf(client, id, ordinal), outputOf(client, id, ordinal, 'stderr')]),
    );
    return { id, hosts, outputs };
  }

  it.each(['leak.login', 'leak.root', 'leak.script'])(
    'are masked in what %s prints, however it does',
    async (module) => {
      const { hosts, outputs } = await leakedBy(module);
      expect(hosts.map(({ state, message }) => `${state} ${message}`)).toEqual(['ok null', 'ok null', 'ok null']);
      const forms = formsOf(canaries);
      for (const output of outputs) expect(found(forms, output)).toEqual([]);
      for (const output of outputs.filter((_, i) => i % 2 === 0)) {
        const text = output.toString();
        expect(text).toContain('••••');
        if (module !== 'leak.script') expect(text).toMatch(/^plain: ••••\nlines: ••••\n(.*\n)*end\n$/);
      }
      if (module !== 'leak.script') for (const i of [1, 3, 5]) expect(outputs[i]?.toString()).toBe('••••\n');
    },
  );

  it('are masked where they are files', async () => {
    const files = { file: { name: 'secret.txt', data: Buffer.from(`${canaries.file}\n`).toString('base64') } };
    const { id } = await start(client, { module: 'leak.file', selector: '*', files });
    await finished(client, id);
    const size = Buffer.byteLength(`${canaries.file}\n`);
    for (const ordinal of [0, 1, 2])
      expect((await outputOf(client, id, ordinal)).toString()).toMatch(new RegExp(`^••••\n?${size}\n$`));
  });

  it('leave the folds as they are: hosts that print the same are one group', async () => {
    const { id, hosts } = await leakedBy('leak.fold');
    expect(hosts.map(({ state, exitCode }) => `${state} ${exitCode}`)).toEqual(['failed 3', 'failed 3', 'failed 3']);
    const { items, total } = await client.call('runs.folds', { runId: id });
    expect(total).toBe(1);
    expect(items[0]).toMatchObject({ count: 3, hosts: ['locked', 'opened', 'passworded'] });
    const sample = items[0]?.sample.map(({ data }) => Buffer.from(data, 'base64').toString()).join('');
    expect(sample).toBe('the same everywhere\n••••\n');
  });

  it('are not repeated by an error about them', async () => {
    const secret = canaries.rejected ?? '';
    const plan = (values: Record<string, unknown>) =>
      client.call('runs.plan', { module: 'leak.login', selector: '*', params: values });
    await expect(plan({ short: secret })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    await expect(plan({ secret: secret.repeat(10) })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    await expect(plan({ secret: { value: secret } })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    await expect(plan({ secret: `${secret}\0` })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    const add = (name: string, wrong: CredentialSecret) => client.call('credentials.add', { name, secret: wrong });
    await expect(add('bad', { kind: 'key', privateKey: secret })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
    await expect(
      add('bad', { kind: 'key', privateKey: lockedKey.privateKey, passphrase: secret }),
    ).rejects.toMatchObject({
      code: 'INVALID_PARAMS',
    });
    await expect(add(secret, { kind: 'password', password: secret })).rejects.toMatchObject({ code: 'INVALID_PARAMS' });
  });

  it('are found nowhere: not on the host, not in an answer, not in the log, not on the disk', async () => {
    await readEverything();
    const { commands, environments } = await watch.stop();
    const forms = formsOf(canaries);
    expect(Object.keys(canaries)).toHaveLength(10);
    expect(found(forms, JSON.stringify(canaries))).toEqual(Object.keys(canaries));
    expect(commands.some((command) => command.includes('sudo\0-k'))).toBe(true);
    const shown = [...commands, ...environments].map((text) => Buffer.from(text, 'latin1'));
    expect(shown.flatMap((bytes) => placesIn(forms, bytes))).toEqual([]);
    for (const user of users) {
      unlinkSync(`${user.home}/of-this-host`);
      expect(foundInFiles(forms, user.home)).toEqual([]);
    }

    expect(answers.length).toBeGreaterThan(50);
    expect(answers.flatMap((answer) => placesIn(forms, answer))).toEqual([]);

    const { server } = rig;
    expect(found(forms, server.logs())).toEqual([]);
    expect(foundInFiles(forms, server.dataDir)).toEqual([]);
    await server.terminate();
    expect(foundInFiles(forms, server.dataDir)).toEqual([]);
    const tables = await foundInTables(forms, `${server.dataDir}/omserver.db`);
    expect(tables.values).toBeGreaterThan(300);
    expect(tables.found).toEqual([]);
  });

  /** Asks for all that can be read about what happened. */
  async function readEverything(): Promise<void> {
    const runs = await client.call('runs.list', {});
    for (const { id, planId } of runs.items) {
      await client.call('runs.get', { runId: id });
      await client.call('runs.planHosts', { planId });
      await client.call('runs.folds', { runId: id, sampleBytes: 65_536 });
      for (const { ordinal } of await hostsOf(client, id)) {
        await client.call('runs.attempts', { runId: id, ordinal });
        for await (const { done } of client.stream('runs.tail', { runId: id, ordinal })) if (done) break;
        await client.call('runs.lines', { runId: id, ordinal });
        await client.call('runs.diff', { runId: id, ordinal, by: 'exact' });
      }
      for await (const { state } of client.stream('runs.search', { runId: id, pattern: '.', regex: true }))
        if (state !== 'searching') break;
      for await (const { run } of client.stream('runs.watch', { runId: id })) if (finalRunStates.has(run.state)) break;
    }
    for (let cursor: string | undefined; ; ) {
      const page = await client.call('audit.list', { limit: 100, ...(cursor === undefined ? {} : { cursor }) });
      cursor = page.next;
      if (cursor === undefined) break;
    }
    await client.call('credentials.list', {});
    await client.call('hosts.list', {});
    await client.call('modules.list', {});
  }
});

/** What was found, with the beginning of where, so that a failure says enough and not everything. */
function placesIn(forms: Parameters<typeof found>[0], where: Uint8Array | string): string[] {
  return found(forms, where).map((name) => `${name} in ${Buffer.from(where).toString('utf8', 0, 200)}`);
}

/** A client that writes down every answer, event and error, and all output that is in them. */
function recording(client: Client, note: (text: string) => void): Client {
  const write = (value: unknown) => {
    const text = value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : JSON.stringify(value);
    note(text);
    for (const [, data = ''] of text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g))
      note(Buffer.from(data, 'base64').toString());
  };
  return {
    ...client,
    async call(name, params, options) {
      try {
        const answer = await client.call(name, params, options);
        write(answer);
        return answer;
      } catch (error) {
        write(error);
        throw error;
      }
    },
    async *stream(name, params, options) {
      for await (const event of client.stream(name, params, options)) {
        write(event);
        yield event;
      }
    },
  };
}
