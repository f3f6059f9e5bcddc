import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { type Message, outgoing, refusalOf } from './formats.ts';

const now = 1763856000123;
const message: Message = {
  id: '019ab2c3-0000-7000-8000-000000000001',
  ruleName: 'Recursive removal',
  severity: 'critical',
  raisedAt: '2025-11-23T00:00:00.000Z',
  hostName: 'web1',
  user: 'root',
  command: 'rm -rf / <at user_id="all"> & \u001b[31m\u202e\u2028',
  test: false,
};
const address = { url: 'https://robot.example/send?access_token=x', secret: 'SECabc' };
const text =
  'OManager critical: Recursive removal\nroot@web1, 2025-11-23T00:00:00.000Z\nrm -rf / <at user_id="all"> &  [31m  ';
const bodyOf = (kind: Parameters<typeof outgoing>[0]) => JSON.parse(outgoing(kind, address, message, now).body);

it('a webhook gets JSON, signed with the time', () => {
  const { headers, body, url } = outgoing('webhook', address, message, now);
  expect(url).toBe(address.url);
  expect(JSON.parse(body)).toEqual({
    ...{ type: 'alert', id: message.id, ruleName: 'Recursive removal', severity: 'critical', user: 'root' },
    ...{ raisedAt: message.raisedAt, hostName: 'web1', command: message.command },
  });
  const signature = createHmac('sha256', 'SECabc').update(`1763856000.${body}`).digest('hex');
  expect(headers).toMatchObject({ 'om-time': '1763856000', 'om-signature': `v1=${signature}` });
  const bare = outgoing('webhook', { url: address.url }, { ...message, command: null }, now);
  expect(bare.headers).not.toHaveProperty('om-signature');
  expect(bare.body).not.toContain('command');
});

it('DingTalk gets text, signed in the address', () => {
  const { url } = outgoing('dingtalk', address, message, now);
  const query = Object.fromEntries(new URL(url).searchParams);
  expect(query).toEqual({
    access_token: 'x',
    timestamp: '1763856000123',
    sign: 'S+LSie7qgQbtDpo6jw6Pn6yHt6C8WNuWC8gt2TdfDRk=',
  });
  expect(url).not.toContain(' ');
  expect(bodyOf('dingtalk')).toEqual({ msgtype: 'text', text: { content: text } });
});

it('WeCom gets text', () => {
  expect(bodyOf('wecom')).toEqual({ msgtype: 'text', text: { content: text } });
  const long = {
    ...message,
    ruleName: '规'.repeat(100),
    hostName: '服'.repeat(100),
    user: '用'.repeat(100),
    command: '令'.repeat(5000),
  };
  const { content } = JSON.parse(outgoing('wecom', address, long, now).body).text;
  // More is refused.
  expect(Buffer.byteLength(content)).toBeLessThanOrEqual(2048);
});

it('Feishu gets text, signed in the body; nothing in it calls for people', () => {
  expect(bodyOf('feishu')).toEqual({
    ...{ timestamp: '1763856000', sign: 'CP3Jk/jP8kpLa4zcHN4QZDYeVZcMpc2VuHs9bUlaz5I=', msg_type: 'text' },
    content: { text: text.replace('<', '＜') },
  });
});

it('Slack gets text without markup', () => {
  const escaped = text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;');
  expect(bodyOf('slack')).toEqual({ text: escaped, mrkdwn: false });
});

it('what a robot refuses with 200 is no success, and its answer is not repeated', () => {
  expect(refusalOf('webhook', 204, '')).toBeNull();
  expect(refusalOf('slack', 200, 'ok')).toBeNull();
  expect(refusalOf('webhook', 302, '')).toBe('HTTP 302');
  expect(refusalOf('dingtalk', 200, '{"errcode":0,"errmsg":"ok"}')).toBeNull();
  expect(refusalOf('dingtalk', 200, '{"errcode":310000,"errmsg":"sign not match"}')).toBe('refused with code 310000');
  expect(refusalOf('wecom', 200, '{"errcode":93000}')).toBe('refused with code 93000');
  expect(refusalOf('feishu', 200, '{"code":19021,"msg":"sign match fail"}')).toBe('refused with code 19021');
  expect(refusalOf('feishu', 200, '{"code":0}')).toBeNull();
  expect(refusalOf('feishu', 200, '<html>')).toMatch(/not that of such a robot/);
});
