import type { AlertTarget } from '@omanager/contract';
import { expect, it } from 'vitest';
import { changedTarget, draftOf, isReady, newTarget, secretWanted } from './targetDraft.ts';

const common = { id: '1', enabled: true, least: 'warning', withCommand: true, waiting: 0, givenUp: 0 } as const;
const past = { lastAt: null, lastError: null, changedBy: 'ada', changedAt: '2026-11-23T00:00:00.000Z' };
const mail: AlertTarget = {
  ...{ ...common, ...past, name: 'ops', kind: 'email', origin: 'smtps://mail.example', hasSecret: true },
  email: { from: 'om@example.com', to: ['ops@example.com'], user: 'om' },
};
const hook: AlertTarget = { ...mail, name: 'hook', kind: 'webhook', origin: 'https://hook.example', email: null };
const shown = { enabled: true, least: 'warning', withCommand: true };

it('a new e-mail target needs sender, receivers, an address, and a password where somebody signs in', () => {
  const draft = { ...draftOf(null), name: ' ops ', kind: 'email' as const, url: ' smtps://mail.example:465 ' };
  expect(isReady(null, draft)).toBe(false);
  const addressed = { ...draft, from: 'om@example.com', to: ['ops@example.com'] };
  expect(isReady(null, addressed)).toBe(true);
  expect(isReady(null, { ...addressed, to: ['nobody'] })).toBe(false);
  const half = { ...addressed, user: 'om' };
  expect(secretWanted(null, half)).toBe('passwordNeeded');
  expect(secretWanted(null, { ...addressed, secret: 'pw' })).toBe('passwordNeeded');
  const whole = { ...half, secret: 'pw' };
  expect(isReady(null, whole)).toBe(true);
  expect(newTarget(whole)).toEqual({
    ...{ ...shown, name: 'ops', kind: 'email', url: 'smtps://mail.example:465', secret: 'pw' },
    email: { from: 'om@example.com', to: ['ops@example.com'], user: 'om' },
  });
});

it('what is stored stays, and nothing of it is sent', () => {
  expect(isReady(mail, draftOf(mail))).toBe(true);
  expect(changedTarget(mail, draftOf(mail))).toEqual({ ...shown, name: 'ops', email: mail.email });
  expect(changedTarget(hook, draftOf(hook))).toEqual({ ...shown, name: 'hook' });
});

it('with another address or another user the secret is wanted anew', () => {
  for (const more of [{ url: 'smtps://other.example' }, { user: 'another' }]) {
    const draft = { ...draftOf(mail), ...more };
    expect(secretWanted(mail, draft)).toBe('secretAnew');
    expect(isReady(mail, draft)).toBe(false);
    expect(isReady(mail, { ...draft, secret: 'pw' })).toBe(true);
  }
  const moved = { ...draftOf(hook), url: 'https://other.example' };
  expect(secretWanted(hook, moved)).toBe('secretAnew');
  expect(secretWanted({ ...hook, hasSecret: false }, moved)).toBeNull();
  expect(changedTarget(hook, { ...moved, noSecret: true })).toMatchObject({ secret: null });
});

it('without a user nobody signs in, and the password goes', () => {
  const draft = { ...draftOf(mail), user: ' ' };
  expect(isReady(mail, draft)).toBe(true);
  expect(changedTarget(mail, draft)).toMatchObject({ secret: null, email: { from: 'om@example.com' } });
  expect(changedTarget(mail, draft).email).not.toHaveProperty('user');
});
