import { expect, it } from 'vitest';
import { createSink } from '../testing/fakeCli.ts';
import { createOutput } from './output.ts';
import { red } from './text.ts';

function make(options: { json?: boolean; raw?: boolean; tty?: boolean; env?: Record<string, string> }) {
  const stdout = createSink(options.tty);
  const stderr = createSink(options.tty);
  const { json = false, raw = false, env = {} } = options;
  return { stdout, stderr, out: createOutput({ stdout, stderr, json, raw, env }) };
}

it('speaks to people or to programs, not to both', () => {
  const people = make({});
  people.out.line('a ', red('b'));
  people.out.data({ a: 1 });
  people.out.note('c');
  expect([people.stdout.text, people.stderr.text]).toEqual(['a b\n', 'c\n']);
  const programs = make({ json: true });
  programs.out.line('a');
  programs.out.data({ a: '\x1b\u202e' });
  programs.out.note('c');
  expect([programs.stdout.text, programs.stderr.text]).toEqual(['{"a":"\\u001b\\u202e"}\n', '']);
});

it('colours on a terminal only, and not against NO_COLOR', () => {
  const shown = (options: Parameters<typeof make>[0]): string => {
    const { stdout, out } = make(options);
    out.line(red('x'));
    return stdout.text;
  };
  expect(shown({ tty: true })).toBe('\x1b[31mx\x1b[39m\n');
  expect(shown({ tty: true, env: { NO_COLOR: '1' } })).toBe('x\n');
  expect(shown({ tty: true, env: { TERM: 'dumb' } })).toBe('x\n');
  expect(shown({})).toBe('x\n');
});

it('makes text harmless unless raw was asked for', () => {
  const safe = make({});
  safe.out.line('\x1b]0;x\x07');
  expect(safe.stdout.text).toBe('\\x1b]0;x\\x07\n');
  const raw = make({ raw: true });
  raw.out.line('\x1b]0;x\x07');
  expect(raw.stdout.text).toBe('\x1b]0;x\x07\n');
});

it('takes the status line away before it prints', () => {
  const { out, stdout, stderr } = make({ tty: true });
  out.status('1/2');
  out.line('x');
  out.status('');
  expect(stderr.text).toBe('1/2\r\x1b[K');
  expect(stdout.text).toBe('x\n');
  expect(make({}).out.statusColumns).toBeNull();
});
