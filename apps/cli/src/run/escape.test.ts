import { expect, it } from 'vitest';
import { createEscape } from './escape.ts';

it.each([
  ['ls\r~.', 'ls\r', true],
  ['~.', '', true],
  ['a~.', 'a~.', false],
  ['\r~~.', '\r~.', false],
  ['\r~x\r~.', '\r~x\r', true],
  ['~', '', false],
])('%j passes %j, leaves: %s; key by key the same', (typed, passed, leaves) => {
  const all = Buffer.from(typed);
  for (const pieces of [[all], [...all].map((byte) => Buffer.of(byte))]) {
    const leaving = createEscape();
    let out = '';
    let left = false;
    for (const piece of pieces) {
      const { pass, leave } = leaving(piece);
      out += Buffer.from(pass).toString();
      left ||= leave;
    }
    expect([out, left]).toEqual([passed, leaves]);
  }
});
