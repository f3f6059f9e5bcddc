import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRecords } from '../../apps/server/src/features/audit/ingest/records.ts';
import { has } from '../lab/have.ts';
import { createWorkspace } from '../lab/workspace.ts';

const programs = fileURLToPath(new URL('../../packages/builtin-modules/agent/', import.meta.url));
const sample = (name: string) => readFileSync(new URL(`execve/${name}.txt`, import.meta.url));
const workspace = createWorkspace('execve');
const now = 1795411200;

interface Given {
  awk?: readonly string[];
  full?: boolean;
  /** Of the awk's own session. */
  own?: string;
  at?: number;
}

/** What the forwarder makes of a piece of auditd's log, and where it would read on. */
function read(log: Buffer | string, { awk = ['awk'], full = false, own = '', at = now }: Given = {}) {
  const position = join(workspace.dir, 'position');
  const values = { position, now: at, hold: 5, full: Number(full), own, before: '-', key: 'omanager-execve' };
  const [command = '', ...words] = awk;
  const out = execFileSync(
    command,
    [
      ...words,
      ...Object.entries({ ...values, passwd: '/dev/null' }).flatMap(([name, value]) => ['-v', `${name}=${value}`]),
      ...['text.awk', 'execve.awk'].flatMap((file) => ['-f', join(programs, file)]),
    ],
    {
      input: Buffer.concat([Buffer.from('\u0001f 0\n'), Buffer.from(log), Buffer.from('\n')]),
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const [, offset = '', last = ''] = readFileSync(position, 'utf8').trim().split(' ');
  if (out.length === 0) return { records: [], offset: Number(offset), last };
  // Read as OMServer reads it, which takes nothing that is not as it should be.
  const records = [];
  for (let begin = 0; begin < out.length; ) {
    const end = out.indexOf('\n', begin) + 1;
    const parsed = parseRecords(out.subarray(begin, end));
    if (!parsed.ok) throw new Error(`${parsed.message}: ${out.toString('latin1', begin, Math.min(end, begin + 300))}`);
    records.push(...parsed.records);
    begin = end;
  }
  return { records, offset: Number(offset), last };
}

const awks = [['awk'], ...(has('busybox') ? [['busybox', 'awk']] : [])];
const texts = (log: Buffer | string, given?: Given) => read(log, given).records.map(({ text }) => text);

/** A word as the kernel writes it. */
const written = (word: Buffer) =>
  word.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x22) ? `"${word}"` : word.toString('hex').toUpperCase();
const event = (serial: number, records: readonly string[], { sec = 1795411100, ses = '3' } = {}) => {
  const of = (type: string, rest: string) => `type=${type} msg=audit(${sec}.877:${serial}): ${rest}\n`;
  const call = `arch=c000003e syscall=59 success=yes exit=0 auid=1001 uid=1001 tty=pts0 ses=${ses} comm="x" key="omanager-execve"`;
  return [
    of('SYSCALL', call),
    ...records.map((one) => of('EXECVE', one)),
    of('CWD', 'cwd="/srv"'),
    of('PROCTITLE', 'proctitle="x"'),
  ];
};
const run = (serial: number, ...words: string[]) =>
  event(serial, [
    `argc=${words.length} ${words.map((word, i) => `a${i}=${written(Buffer.from(word))}`).join(' ')}`,
  ]).join('');

describe('what auditd saw run', () => {
  afterAll(() => workspace.remove());

  it.each(awks.flatMap((awk) => ['enriched', 'raw'].map((log) => ({ awk, log }))))(
    'is read from a real $log log by $awk',
    ({ awk, log }) => {
      const { records, offset } = read(sample(log), { awk });
      expect(records.map(({ text }) => (text.length > 1000 ? text.length : text))).toEqual([
        "mkdir -p 'my dir 目录'",
        "ls -l 'a b' 'it'\\''s'",
        "/usr/bin/printf 'tab\\tnl\\nesc\\033\\377'",
        // One word of it is no UTF-8.
        "/usr/bin/printf '%s\\n' '' '中文' 'tab\tnl\nesc\u001b\ufffd'",
        "/bin/echo 'q\"uote' 'back\\slash'",
        // Of 10,000 characters, in three records.
        10_016,
        "sh -c 'id; ls /'",
        'id',
        'ls /',
        '/etc/passwd',
        'touch x',
        './x',
      ]);
      const name = log === 'enriched' ? 'ada' : '';
      expect(records[1]).toMatchObject({
        ...{ kind: 'executed', uid: 1001, user: name, login: name, directory: '/srv/ada/my dir 目录', via: 'execve' },
        ...{ exit: null, number: null, tty: '', session: log === 'enriched' ? 'ses-3' : 'ses-4' },
      });
      expect(records.map(({ exit }) => exit)).toEqual([...Array(9).fill(null), -13, null, -13]);
      expect(offset).toBe(sample(log).length);
    },
  );

  it('is the same in pieces of any size as in one', () => {
    const whole = sample('raw');
    const expected = texts(whole);
    fc.assert(
      fc.property(fc.integer({ min: 3000, max: 20_000 }), (step) => {
        const seen: string[] = [];
        let [from, room] = [0, step];
        while (from < whole.length) {
          const piece = whole.subarray(from, from + room);
          const { records, offset } = read(piece, { full: from + room < whole.length });
          seen.push(...records.map(({ text }) => text));
          // The forwarder reads so much at once that it always comes further.
          room = offset === 0 ? room * 2 : step;
          from += offset;
        }
        expect(seen).toEqual(expected);
      }),
      { numRuns: 8 },
    );
  });

  it('waits for records of an event that may still come, and for those before which stands another', () => {
    const [call = '', words = '', ...rest] = event(1, ['argc=1 a0="late"']);
    const young = { at: 1795411102 };
    const other = run(2, 'other');
    const half = read(call + other, young);
    expect(half).toMatchObject({ records: [], offset: 0 });
    expect(texts(call + other + words + rest.join(''), young)).toEqual(['late', 'other']);
    // Nothing comes any more.
    expect(texts(call + words + other, { at: now })).toEqual(['late', 'other']);
    // What was told is not told again, where its last records lie behind the place from which it is read.
    expect(texts(words + rest.join('') + other, young)).toEqual(['other']);
    // A line that is half written.
    const partial = read(`${other}type=SYSCALL msg=audit(1795411100.8`, young);
    expect(partial).toMatchObject({ records: [{ text: 'other' }], offset: other.length });
  });

  it('is only what a login runs, and not the forwarder', () => {
    const of = (ses: string) => event(7, ['argc=1 a0="x"'], { ses }).join('');
    expect(texts(of('4294967295'))).toEqual([]);
    expect(texts(of('9'), { own: '9' })).toEqual([]);
    expect(texts(of('9'))).toEqual(['x']);
    expect(texts(of('9').replaceAll('auid=1001', 'auid=4294967295'))).toEqual([]);
    expect(texts(of('9').replaceAll('auid=1001', 'auid=unset'))).toEqual([]);
  });

  it('says where auditd was stopped or its rules were taken away', () => {
    const line = (type: string, rest: string) => `type=${type} msg=audit(1795411100.877:9): ${rest}\n`;
    const { records } = read(
      line('CONFIG_CHANGE', 'op=set audit_enabled=0 old=1 auid=1001 ses=3 res=1') +
        line('CONFIG_CHANGE', 'auid=1001 ses=3 op=remove_rule key="omanager-execve" list=4 res=1') +
        line('CONFIG_CHANGE', 'auid=1001 ses=3 op=remove_rule key="other" list=4 res=1') +
        line('DAEMON_END', 'op=terminate auid=0 uid=0 ses=1 pid=1 res=success'),
    );
    expect(records.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      "dropped execve: the kernel's audit was turned off",
      'dropped execve: a rule was removed',
      'dropped execve: auditd stopped',
    ]);
  });

  it.each(awks)('has every word as it was, through hex and quotes, by %s', (...awk) => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom("'", '\\', "\\'", '', ' ', 'abcdef', 'AB12', '(null)', '"', '\t\n\r', 'a=b', '目录'),
    );
    const command = fc.array(
      word.map((text) => text.replaceAll('\0', '').toWellFormed()),
      { minLength: 1, maxLength: 6 },
    );
    const quoted = (text: string) =>
      /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 100 }), (commands) => {
        const log = commands.map((words, i) => run(i + 1, ...words)).join('');
        expect(texts(log, { awk })).toEqual(commands.map((words) => words.map(quoted).join(' ')));
      }),
      { numRuns: 20 },
    );
  });

  it.each(awks)('is never a crash, whatever stands in the log, by %s', (...awk) => {
    const lines = sample('enriched').toString('latin1').split('\n');
    const piece = fc.oneof(
      fc.constantFrom(...lines.map((line) => line.slice(0, 2000))),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom('type=EXECVE msg=audit(1795411100.877:90): a0=', 'a1[0]=41', 'a1[99999]=4', ' ', '"', '\u001d'),
      fc.constantFrom('type=SYSCALL msg=audit(9.9:9):', '\n', 'type=PATH msg=audit(1795411100.877:91): name="'),
    );
    const mangled = fc.tuple(fc.constantFrom(...lines), fc.nat(500), fc.string({ unit: 'binary-ascii' }));
    const line = fc.oneof(
      fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')),
      mangled.map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + put.length)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.boolean(), (parts, full) => {
        const log = Buffer.from(parts.join('\n').replaceAll('\0', '?').replaceAll('\u0001', '?'), 'latin1');
        const { records, offset } = read(log, { awk, full });
        for (const { kind } of records) expect(['executed', 'dropped']).toContain(kind);
        expect(offset).toBeLessThanOrEqual(log.length);
      }),
      { numRuns: 60 },
    );
  });

  it('is cut where it is too long, and says so', () => {
    const words = Array.from({ length: 50 }, (_, i) => String(i % 10).repeat(5000));
    expect(read(run(1, ...words)).records).toMatchObject([{ marks: ['cut'] }]);
    // Where it is long only on its way.
    const [text = ''] = texts(run(1, ...words.map((word) => '\u0001'.repeat(word.length))));
    expect(text).toHaveLength(text.lastIndexOf("' [cut]") + 7);
    expect(text.length).toBeGreaterThan(32_000);
  });

  it('is left where it is, when a writer leaves a line without an end', () => {
    const log = join(workspace.dir, 'x');
    writeFileSync(log, 'x');
    const { records, offset } = read(Buffer.alloc(1_100_000, 'x'));
    expect(records.map(({ text }) => text)).toEqual(['execve: a part of the audit log is unreadable']);
    expect(offset).toBe(1_100_000);
  });
});
