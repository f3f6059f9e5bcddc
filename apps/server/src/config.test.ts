import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodes } from './commands/exitCodes.ts';
import { ConfigError, readConfig, secretSettings, settingNames } from './config.ts';
import { createMetrics } from './metrics.ts';
import { createLocalQueue } from './queue/queue.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** The rows of the table under a heading of docs/operating.md, as cells without backquotes. */
function rows(heading: string, first: RegExp): string[][] {
  const section =
    read('docs/operating.md')
      .split(/^## /m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    )
    .filter(([cell = '']) => first.test(cell));
}

describe('docs/operating.md', () => {
  const documented = rows('Settings', /^OM_/);

  it('lists exactly the settings there are', () => {
    expect(settingNames.length).toBeGreaterThan(20);
    expect(documented.map(([name]) => name)).toEqual(settingNames);
  });

  it('gives their defaults', () => {
    const withDefault = documented.filter(([, value]) => value !== '–' && !value?.startsWith('~'));
    expect(withDefault.length).toBeGreaterThan(10);
    for (const [name = '', value = ''] of withDefault) {
      expect([name, readConfig({ [name]: value })]).toEqual([name, readConfig({})]);
      const other = /^\d+$/.test(value)
        ? String(value === '0' ? 1 : Number(value) - 1)
        : name === 'OM_HOST'
          ? '::1'
          : 'debug';
      // Without MySQL and without Redis these change nothing.
      if (!/^OM_DATABASE_TLS$|^OM_REDIS_PREFIX$/.test(name))
        expect([name, readConfig({ [name]: other })]).not.toEqual([name, readConfig({})]);
    }
  });

  it('hold a secret where they look like it, or are known to hold none', () => {
    const files = ['OM_MASTER_KEY_FILE', 'OM_TLS_KEY'];
    const known = [...files, 'OM_PUBLIC_URL'];
    const look = settingNames.filter((name) => /URL|TOKEN|WEBHOOK|SECRET|PASSWORD|KEY$|KEY_/.test(name));
    expect(look.filter((name) => !known.includes(name))).toEqual([...secretSettings]);
  });

  it('lists exactly the exit codes', () => {
    const codes = rows('Exit codes', /^\d+$/).map(([code]) => Number(code));
    expect(codes).toEqual(Object.values(exitCodes));
  });

  it('lists exactly the metrics', async () => {
    const nothing = { connections: 0, idle: 0, channels: 0, connecting: 0, waiting: 0 };
    const metrics = createMetrics({
      fleet: () => nothing,
      worker: () => ({ runs: 0, hosts: 0 }),
      connections: () => 0,
      checkpoints: async () => [],
      store: { bytes: async () => 0, runsRemoved: () => 0 },
      output: { discarded: () => new Map(), diskIsLow: () => false },
      queue: createLocalQueue(),
    });
    const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(rows('Health, readiness, metrics', /^om_/).map(([name]) => name)).toEqual(names);
  });
});

describe('the systemd unit', () => {
  it('waits longer than the server may take to stop', () => {
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(read('apps/server/omserver.service'))?.[1]);
    expect(seconds * 1000).toBeGreaterThanOrEqual(readConfig({}).stopMs + 10_000);
  });
});

describe('settings', () => {
  it('names every mistake at once', () => {
    const wrong = () => readConfig({ OM_PORT: '70000', OM_LOG_LEVEL: 'loud', OM_METRICS_TOKEN: 'short' });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(/^OM_PORT: .*\nOM_LOG_LEVEL: .*$/ms);
    expect(wrong).toThrow(/OM_METRICS_TOKEN/);
  });

  it('refuse half a certificate, and a database in clear over the network', () => {
    expect(() => readConfig({ OM_TLS_CERT: '/c' })).toThrow('belong together');
    expect(() => readConfig({ OM_DATABASE_URL: 'postgres://x/y' })).toThrow('must look like mysql://');
    expect(() => readConfig({ OM_DATABASE_URL: 'mysql://u:p@db/om', OM_DATABASE_TLS: '0' })).toThrow(
      'verified TLS only',
    );
    expect(readConfig({ OM_DATABASE_URL: 'mysql://u:p@db/om' }).database).toMatchObject({ verifyTls: true });
    expect(readConfig({ OM_DATABASE_URL: 'mysql://u:p@127.0.0.1/om' }).database).toMatchObject({ verifyTls: false });
  });

  it('refuse a Redis in clear or open to all beyond loopback, and one without MySQL', () => {
    const read = (url: string, more = {}) =>
      readConfig({ OM_DATABASE_URL: 'mysql://u:p@db/om', OM_REDIS_URL: url, ...more }).redis;
    for (const url of [
      'redis://127.0.0.1:6379',
      'redis://localhost',
      'redis://:p@[::1]:7000/3',
      'rediss://:p@redis.example:6379',
      'rediss://user:p@10.0.0.7',
    ]) {
      expect(read(url, { OM_REDIS_PREFIX: 'om2' })).toEqual({ url, prefix: 'om2' });
    }
    for (const url of [
      'redis://:p@redis.example',
      'redis://:p@10.0.0.7',
      'rediss://redis.example',
      'rediss://user@redis.example',
      'redis://127.example.org',
      'redis://127.0.0.1.example.org',
    ]) {
      expect(() => read(url)).toThrow('by rediss:// with a password only');
    }
    const malformed = ['x', 'http://127.0.0.1', 'redis:///1', 'redis://127.0.0.1/x', 'redis://127.0.0.1?tls=1'];
    for (const url of malformed) expect(() => read(url)).toThrow('must look like');
    expect(() => read('redis://127.0.0.1', { OM_REDIS_PREFIX: 'a:b' })).toThrow('OM_REDIS_PREFIX');
    expect(() => readConfig({ OM_REDIS_URL: 'redis://127.0.0.1' })).toThrow('set OM_DATABASE_URL');
  });

  it('take an empty variable for none', () => {
    expect(() => readConfig({ OM_PORT: 'abc' })).toThrow('OM_PORT: a whole number from 0 to 65535');
    expect(readConfig({ OM_PORT: '', OM_PUBLIC_URL: '' })).toEqual(readConfig({}));
  });
});
