import { generateKeyPair } from '@omanager/secure-channel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatInvite, type InviteLink, parseInvite, webSocketUrl } from './invite.ts';

const { publicKey: serverPublicKey } = generateKeyPair();
const code = 'A-b_'.repeat(8);
const link = formatInvite({ host: 'bastion.example', port: 7300, tls: false, serverPublicKey, code });

it('reads what it writes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('bastion.example', '127.0.0.1', '[::1]', 'om_1'),
      fc.integer({ min: 1, max: 65535 }),
      fc.boolean(),
      fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{20,60}$/)),
      (host, port, tls, secret) => {
        const invite: InviteLink = { host, port, tls, serverPublicKey, code: secret };
        expect(parseInvite(` ${formatInvite(invite)}\n`)).toEqual(invite);
      },
    ),
  );
});

it('names the WebSocket', () => {
  expect(webSocketUrl(parseInvite(link))).toBe('ws://bastion.example:7300/ws');
  expect(webSocketUrl({ host: '[::1]', port: 1, tls: true })).toBe('wss://[::1]:1/ws');
});

it.each([
  ['', 'does not look like'],
  ['https://bastion:1/#x', 'does not look like'],
  ['omanager://user@bastion:1/#x', 'does not look like'],
  ['omanager://bastion:0/#x', 'port'],
  [link.replace(':7300', ':70000'), 'port'],
  [link.slice(0, 50), 'key'],
  [link.slice(0, -20), 'code'],
  [`${link}!`, 'code'],
  [link.replace('/#', '/?tls=2#'), 'does not look like'],
  [link.replace('/#', '/ws#'), 'does not look like'],
])('refuses %s', (text, why) => {
  const read = () => parseInvite(text);
  expect(read).toThrow(why);
  expect(read).toThrow(expect.objectContaining({ code: 'INVITE_INVALID' }));
  expect(read).not.toThrow(code.slice(0, 8));
});
