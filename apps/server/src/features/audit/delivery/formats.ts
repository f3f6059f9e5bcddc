import { createHmac } from 'node:crypto';
import type { Alert, AlertTargetKind } from '@omanager/contract';
import { z } from 'zod';

/** What is told of an alert; `command` is left out when the target shall not have it. */
export type Message = Pick<Alert, 'id' | 'ruleName' | 'severity' | 'raisedAt' | 'hostName' | 'user'> & {
  test: boolean;
  command: string | null;
};

export interface Outgoing {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Kinds that are reached by one POST. */
export type PostKind = Exclude<AlertTargetKind, 'email'>;

const mostCommand = 300;

/** The request that each kind of target documents. Text only: a command is nobody's markup. */
export function outgoing(
  kind: PostKind,
  { url, secret }: { url: string; secret?: string | undefined },
  message: Message,
  nowMs: number,
): Outgoing {
  const text = textOf(message);
  const seconds = String(Math.floor(nowMs / 1000));
  switch (kind) {
    case 'webhook': {
      const body = JSON.stringify({ type: message.test ? 'test' : 'alert', ...bodyOf(message) });
      const signature = secret === undefined ? undefined : hmac(secret, `${seconds}.${body}`).toString('hex');
      return request(url, body, {
        'om-time': seconds,
        ...(signature !== undefined && { 'om-signature': `v1=${signature}` }),
      });
    }
    case 'dingtalk': {
      const signed = new URL(url);
      if (secret !== undefined) {
        signed.searchParams.set('timestamp', String(nowMs));
        signed.searchParams.set('sign', hmac(secret, `${nowMs}\n${secret}`).toString('base64'));
      }
      return request(signed.href, JSON.stringify({ msgtype: 'text', text: { content: text } }));
    }
    case 'wecom':
      return request(url, JSON.stringify({ msgtype: 'text', text: { content: text } }));
    case 'feishu': {
      const sign = secret === undefined ? undefined : hmac(`${seconds}\n${secret}`, '').toString('base64');
      // Its text knows <at …>.
      const content = { text: text.replaceAll('<', '＜') };
      const head = sign === undefined ? {} : { timestamp: seconds, sign };
      return request(url, JSON.stringify({ ...head, msg_type: 'text', content }));
    }
    case 'slack': {
      const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      return request(url, JSON.stringify({ text: escaped, mrkdwn: false }));
    }
  }
}

const answerSchema = z.looseObject({ errcode: z.number().optional(), code: z.number().optional() });

/** Null: it was taken. Robots answer 200 also for what they refuse. The body of an answer is not passed on. */
export function refusalOf(kind: PostKind, status: number, body: string): string | null {
  if (status < 200 || status > 299) return `HTTP ${status}`;
  if (kind === 'webhook' || kind === 'slack') return null;
  let code: number | undefined;
  try {
    const answer = answerSchema.parse(JSON.parse(body));
    code = kind === 'feishu' ? answer.code : answer.errcode;
  } catch {
    return 'the answer is not that of such a robot';
  }
  if (code === undefined) return 'the answer is not that of such a robot';
  return code === 0 ? null : `refused with code ${code}`;
}

/** What a phone shows of an e-mail before it is opened. */
export function subjectOf({ ruleName, severity, hostName, user, test }: Message): string {
  return plain(test ? 'OManager: a test' : `[${severity}] ${ruleName}: ${user}@${hostName}`);
}

export function textOf({ ruleName, severity, raisedAt, hostName, user, command, test }: Message): string {
  if (test) return 'OManager: this is a test. Alerts will come here.';
  const lines = [
    `OManager ${severity}: ${ruleName}`,
    `${user}@${hostName}, ${raisedAt}`,
    ...(command ? [command] : []),
  ];
  return lines.map(plain).join('\n');
}

function bodyOf({ test: _test, command, ...message }: Message): object {
  return { ...message, ...(command !== null && { command }) };
}

function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .slice(0, mostCommand)
    .toWellFormed();
}

function hmac(key: string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function request(url: string, body: string, headers: Record<string, string> = {}): Outgoing {
  return { url, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}
