import { readFile } from 'node:fs/promises';
import { channelErrorCodes, defaultMaxPayload, maxHandshakeBytes, messageOverhead } from '@omanager/secure-channel';
import { expect, test } from 'vitest';

const doc = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

test('docs/protocol.md explains every channel error code, and no other', () => {
  const explained = [...doc.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
  expect(channelErrorCodes.length).toBe(21);
  expect(explained.filter((code) => channelErrorCodes.some((known) => known === code)).toSorted()).toEqual([
    ...channelErrorCodes,
  ]);
});

test('docs/protocol.md states the limits that the code keeps', () => {
  expect(doc).toContain(`${maxHandshakeBytes} bytes`);
  expect(doc).toContain(`${messageOverhead} bytes`);
  expect(doc).toContain(`${defaultMaxPayload / 1024 / 1024} MiB`);
});
