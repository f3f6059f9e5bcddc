import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { AddressRefused, isPublic, post } from './post.ts';

const { signal } = new AbortController();
const to = (url: string) => ({ url, headers: {}, body: '{}' });

it.each([
  ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.100.100.200', '0.0.0.0'],
  ...[
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ],
  ...['224.0.0.1', '255.255.255.255'],
])('%s is not public', (address) => expect(isPublic(address)).toBe(false));

it.each(['8.8.8.8', '2606:4700::1111'])('%s is', (address) => expect(isPublic(address)).toBe(true));

it.each([
  'http://127.0.0.1:1/',
  'https://[::1]/',
  'https://0x7f.1/',
  'https://2130706433/',
  'http://169.254.169.254/latest/',
])('nothing is sent to %s', (url) => expect(post(to(url), { networks: [] }, signal)).rejects.toThrow(AddressRefused));

it('a name with one address that is not public is refused, and plain http beyond the listed networks', async () => {
  const resolve = async () => [
    { address: '8.8.8.8', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ];
  await expect(post(to('https://x.example/'), { networks: [], resolve }, signal)).rejects.toThrow(/not public/);
  const open = async () => [{ address: '8.8.8.8', family: 4 }];
  await expect(post(to('http://x.example/'), { networks: [], resolve: open }, signal)).rejects.toThrow(/https/);
});

it('the address that was looked at is the one that is used; a redirect is not followed', async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.headers.host} ${request.url}`);
    response.writeHead(302, { location: '/other' }).end('x'.repeat(100_000));
  }).listen(0, '127.0.0.1');
  try {
    await new Promise((listening) => server.once('listening', listening));
    // A server that listens on TCP has this kind of address.
    const { port } = server.address() as AddressInfo;
    let asked = 0;
    const resolve = async () => [{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.9', family: 4 }];
    const answer = await post(to(`http://x.example:${port}/a`), { networks: ['127.0.0.0/8'], resolve }, signal);
    expect(answer.status).toBe(302);
    expect(answer.body.length).toBeLessThanOrEqual(16_384);
    expect([seen, asked]).toEqual([[`x.example:${port} /a`], 1]);
  } finally {
    server.close();
  }
});
