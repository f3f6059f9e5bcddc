import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pieces, recut } from '../testing/outputPieces.ts';
import { createFoldHash } from './foldsHash.ts';
import { createLineMask } from './foldsMask.ts';

const mask = createLineMask(['web1.example.com', '10.0.0.7']);

describe('the line mask', () => {
  it.each([
    // the host's own
    ['web1.example.com is up', '<host> is up'],
    ['WEB1 (10.0.0.7) port 22', '<host> (<host>) port 22'],
    ['web10 10.0.0.70 110.0.0.7', 'web10 10.0.0.70 110.0.0.7'],
    // times
    ['2026-11-22T12:50:01.123456Z start', '<time> start'],
    ['2026-11-22 12:50:01,123 INFO x', '<time> INFO x'],
    ['2026/11/22 12:50:01 [error]', '<time> [error]'],
    ['at 2026-11-22T12:50:01+01:00.', 'at <time>.'],
    ['Sun Nov 22 12:50:01 UTC 2026', '<time>'],
    ['Sun 22 Nov 2026 12:50:01 PM UTC', '<time>'],
    ['Nov  2 12:50:01 kernel: x', '<time> kernel: x'],
    ['[22/Nov/2026:12:50:01 +0000] "GET /"', '[<time>] "GET /"'],
    ['Date: Sun, 22 Nov 2026 12:50:01 +0000', 'Date: <time>'],
    ['-rw-r--r-- 1 root root 5 Nov 22 12:50 file', '-rw-r--r-- 1 root root 5 <time> file'],
    ['[   12.345678] usb 1-1', '[<time>] usb 1-1'],
    ['audit(1795351801.123:456)', 'audit(<time>:456)'],
    ['12:50:01 up', '<time> up'],
    // durations
    ['done in 12.5s', 'done in <duration>'],
    ['took 350 ms, 3 µs', 'took <duration>, <duration>'],
    ['real\t0m0.003s', 'real\t<duration>'],
    ['up 3 days,  4:05', 'up <duration>, <time>'],
    // pids
    ['sshd[1234]: x', 'sshd[<pid>]: x'],
    ['pid 1234, PID=7, process 12', 'pid <pid>, PID=<pid>, process <pid>'],
    // ids
    ['0193bd2e-1f6a-7c3b-9d5e-0123456789ab', '<id>'],
    ['at 0x7ffd5a1b', 'at <id>'],
    ['container 4f1d2c3b5a69', 'container <id>'],
    // columns
    ['load       12ms ok', 'load <duration> ok'],
  ])('%j becomes %j', (line, masked) => {
    expect(Buffer.from(mask(Buffer.from(line).toString('latin1')), 'latin1').toString()).toBe(masked);
  });

  it.each([
    'sum d41d8cd98f00b204e9800998ecf8427e file',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '3 errors, 12 warnings',
    'version 1.2.3, 10.0.0.8, port 8080',
    'MemTotal: 1795351801 kB',
    '-Xmx512m',
    'ether 00:16:3e:11:22:33',
    'exit code 3',
    'array[3] = 7',
    'ratio 10:2:33:4',
  ])('leaves %j, which may be what differs', (line) => {
    expect(mask(line)).toBe(line);
  });

  it.each([
    ['digits', '1'],
    ['hex digits', 'a1'],
    ['spaces', ' '],
    ['colons', '12:'],
    ['dates', '2026-11-'],
    ['months', 'Nov '],
    ['units', '1h'],
    ['its own name', 'web1'],
    ['brackets', 'a[1'],
  ])('is linear for a long line of %s', (_name, part) => {
    // Quadratic work on this would take minutes.
    expect(mask(part.repeat(2_000_000 / part.length)).length).toBeGreaterThan(0);
  });
});

describe('the hash of a fold', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  const hashOf = (given: Parameters<typeof recut>[0], names: string[] = []) => {
    const hash = createFoldHash(names);
    for (const { stream, data } of given) hash.write(stream, data);
    return hash.finish(0);
  };

  it('does not depend on how the output was cut', () => {
    const words = fc.constantFrom('web1', ' 12:50:01', '2026-11-22', '\n', 'x', '7 ms', '[12]:', '  ', 'é');
    const texts = fc.array(
      fc.record({
        stream: fc.constantFrom<('stdout' | 'stderr')[]>('stdout', 'stderr'),
        data: fc.array(words, { minLength: 1, maxLength: 20 }).map((parts) => Buffer.from(parts.join(''))),
      }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(fc.oneof(texts, pieces), sizes, (given, cuts) => {
        expect(hashOf(recut(given, cuts), ['web1'])).toEqual(hashOf(given, ['web1']));
      }),
      { numRuns: 500 },
    );
  });

  it('nor on it in lines longer than is held, nor in output longer than is masked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1000, max: 40_000 }), { minLength: 1, maxLength: 4 }), (cuts) => {
        const long = Buffer.from(`start 12:50:01 ${'y 12:50:01 '.repeat(4000)}\nend\n`.repeat(30));
        const given = [{ stream: 'stdout', data: long } as const];
        expect(long.length).toBeGreaterThan(64 * 1024);
        expect(hashOf(recut(given, cuts))).toEqual(hashOf(given));
      }),
      { numRuns: 5 },
    );
  });

  it('is one for hosts that differ in what is their own, and another where anything else differs', () => {
    const of = (name: string, time: string, text: string, exitCode = 0) => {
      const hash = createFoldHash([name]);
      hash.write('stdout', Buffer.from(`${name} ${time} ${text}\n`));
      return hash.finish(exitCode);
    };
    const one = of('web1', '12:50:01', 'ready');
    expect(of('db-02', '12:51:44', 'ready').foldMasked).toBe(one.foldMasked);
    expect(of('db-02', '12:51:44', 'ready').fold).not.toBe(one.fold);
    expect(of('web1', '12:50:01', 'not ready').foldMasked).not.toBe(one.foldMasked);
    expect(of('web1', '12:50:01', 'ready', 1).foldMasked).not.toBe(one.foldMasked);
    expect(of('web1', '12:50:01', 'ready')).toEqual(one);
  });
});
