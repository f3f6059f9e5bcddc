import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLog } from './logging.ts';

function logged(details: object, message = 'something happened'): Record<string, unknown> {
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  createLog('info', destination).info(details, message);
  expect(text.endsWith('\n')).toBe(true);
  return JSON.parse(text);
}

describe('the log', () => {
  it('is one JSON object a line, with time and level in words', () => {
    const line = logged({ runId: 'r1', hosts: 3 });
    expect(line).toMatchObject({ level: 'info', runId: 'r1', hosts: 3, msg: 'something happened' });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it.each([
    'authorization',
    'Authorization',
    'cookie',
    'password',
    'newPassword',
    'sudo_password',
    'passphrase',
    'privateKey',
    'private_key',
    'masterKey',
    'secret',
    'sessionSecret',
    'token',
    'metricsToken',
    'code',
    'totp',
  ])('masks %s at any depth', (name) => {
    const text = JSON.stringify(logged({ [name]: 'hunter2', params: { list: [{ [name]: ['hunter2'] }] } }));
    expect(text).not.toContain('hunter2');
  });

  it('keeps what helps to understand: ids, error codes, exit codes', () => {
    const details = { tokenId: 't1', code: 'ECONNREFUSED', exitCode: 7, reason: 'auth_failed' };
    expect(logged(details)).toMatchObject(details);
    expect(logged({ code: 123456 }).code).toBe('••••');
    expect(logged({ code: '012345' }).code).toBe('••••');
  });

  it('masks what looks like a secret in any text, the message included', () => {
    const secrets = [
      'omt_abcdefghijklmnopqrstuvwxyz0123456789',
      'omanager://host:7443/?tls=1#AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.thecodethecodethecodethecode',
      'mysql://om:hunter2hunter2@db:3306/om',
      'rediss://:hunter2hunter2@redis:6379/1',
      'Bearer abcdefabcdefabcdef',
    ];
    for (const secret of secrets) {
      const text = JSON.stringify(logged({ note: `see ${secret} there` }, `with ${secret} here`));
      for (const word of ['abcdef', 'thecode', 'hunter2']) expect(text).not.toContain(word);
    }
  });

  it('leaves the statement of a failed query out, since it holds values', () => {
    const message = "insert into `users` (`name`) values ('hunter2', X'00ff') - SQLITE_CONSTRAINT: UNIQUE failed";
    const error = Object.assign(new Error(message), { code: 'SQLITE_CONSTRAINT' });
    for (const line of [
      logged({ err: error }),
      logged({ err: String(error) }),
      logged({ err: message.slice(0, 40) }),
    ]) {
      expect(JSON.stringify(line)).not.toContain('hunter2');
    }
    expect(logged({ err: error }).err).toMatchObject({
      type: 'Error',
      code: 'SQLITE_CONSTRAINT',
      message: '(statement left out) - SQLITE_CONSTRAINT: UNIQUE failed',
    });
  });

  it('is bounded, whatever it is given', () => {
    const endless: Record<string, unknown> = { text: 'x'.repeat(1e6), list: Array.from({ length: 1e5 }, () => 'y') };
    endless.self = endless;
    expect(JSON.stringify(logged(endless)).length).toBeLessThan(50_000);
    expect(logged({ data: Buffer.alloc(5) }).data).toBe('5 bytes');
    expect(logged({ n: 5n }).n).toBe('5');
  });
});
