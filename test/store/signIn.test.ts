import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sessionIdleMs, sessionLifeMs } from '../../apps/server/src/features/access/stores/sessions.ts';
import { type AccessRig, auditedOf, outcome, password, startAccess, type TestConnection } from './accessRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const minuteMs = 60_000;

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('sign-in on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: AccessRig;
    let admin: TestConnection;

    beforeAll(async () => {
      database = await open();
      return () => database.close();
    });
    beforeEach(async () => {
      ({ rig, admin } = await startAccess(database.db));
      return () => rig.access.close();
    });

    const audited = (where: Record<string, unknown>) => auditedOf(database.db, where);

    describe('sign-in', () => {
      it('works on an own device only, and says no more than that it did not', async () => {
        const anna = await rig.user('anna');
        const berta = await rig.user('berta');
        const fresh = rig.connect({ publicKey: anna.publicKey });
        expect((await fresh.actor()).kind).toBe('device');
        expect(await outcome(fresh.call('access.whoami', {}))).toBe('UNAUTHENTICATED');
        const wrong = await fresh.call('access.signIn', { userName: 'anna', password: 'wrong' }).catch(String);
        const foreign = await berta.call('access.signIn', { userName: 'anna', password }).catch(String);
        const unknown = await berta.call('access.signIn', { userName: 'nobody', password }).catch(String);
        expect(new Set([wrong, foreign, unknown]).size).toBe(1);
        const { session, next } = await fresh.call('access.signIn', { userName: 'anna', password });
        expect(next).toBe('done');
        expect(JSON.stringify(await database.db.knex('sessions'))).not.toContain(session);
        expect((await audited({ action: 'access.signIn' })).map((event) => event.outcome)).toEqual([
          'refused',
          'refused',
          'refused',
          'done',
        ]);
        expect(JSON.stringify(await audited({}))).not.toContain(password);
      });

      it('is throttled: of 1000 tries few are computed, memory stays small, and the wait ends', async () => {
        const anna = await rig.user('anna');
        const device = rig.connect({ publicKey: anna.publicKey });
        const outcomes = { BAD_CREDENTIALS: 0, THROTTLED: 0, BUSY: 0 };
        for (let i = 0; i < 5; i++) {
          const tries = Array.from({ length: 200 }, () =>
            outcome(device.call('access.signIn', { userName: 'anna', password: 'guess' })),
          );
          for (const code of await Promise.all(tries)) {
            if (!(code in outcomes)) throw new Error(`unexpected ${code}`);
            outcomes[code as keyof typeof outcomes]++;
          }
        }
        expect(outcomes.THROTTLED).toBeGreaterThan(990);
        const right = { userName: 'anna', password };
        expect(await device.call('access.signIn', right).catch((error) => error)).toMatchObject({
          code: 'THROTTLED',
          details: { retryAfterMs: 1000 },
        });
        rig.clock.now += 1000;
        expect(await outcome(device.call('access.signIn', right))).toBe('ok');
        // The refusals that were not computed are not written down one by one.
        expect((await audited({ action: 'access.signIn', outcome: 'refused' })).length).toBeLessThan(10);
      });

      it('does not let another device block the honest one', async () => {
        const anna = await rig.user('anna');
        const mallory = await rig.user('mallory');
        const attacks = Array.from({ length: 60 }, () =>
          outcome(mallory.call('access.signIn', { userName: 'anna', password: 'guess' })),
        );
        expect(await Promise.all(attacks)).toContain('THROTTLED');
        const device = rig.connect({ publicKey: anna.publicKey });
        expect(await outcome(device.call('access.signIn', { userName: 'anna', password }))).toBe('ok');
      });

      it('is refused inside a batch, over POST /rpc and without an enrolled key', async () => {
        const { secret } = await admin.call('tokens.create', { name: 'ci', role: 'viewer' });
        const token = rig.withToken(secret);
        expect(await outcome(token.call('access.signIn', { userName: 'root', password }))).toBe('FORBIDDEN');
        expect(await outcome(token.call('access.resume', { session: 'x'.repeat(43) }))).toBe('FORBIDDEN');
        const stranger = rig.connect();
        expect(await outcome(stranger.call('access.signIn', { userName: 'root', password }))).toBe('NOT_ENROLLED');
        expect(await outcome(stranger.call('system.info', {}))).toBe('NOT_ENROLLED');
      });
    });

    describe('sessions', () => {
      it('are taken up on a new connection of the same device, and of no other', async () => {
        const anna = await rig.user('anna');
        const berta = await rig.user('berta');
        const device = rig.connect({ publicKey: anna.publicKey });
        const { session, whoami } = await device.call('access.signIn', { userName: 'anna', password });
        const again = rig.connect({ publicKey: anna.publicKey });
        expect(await again.call('access.resume', { session: session ?? '' })).toEqual(whoami);
        const thief = rig.connect({ publicKey: berta.publicKey });
        expect(await outcome(thief.call('access.resume', { session: session ?? '' }))).toBe('BAD_CREDENTIALS');
        expect((await thief.actor()).kind).toBe('device');
        expect(await outcome(rig.connect().call('access.resume', { session: session ?? '' }))).toBe('NOT_ENROLLED');
        expect(await audited({ action: 'access.sessionOfOtherDevice' })).toEqual([
          expect.objectContaining({ outcome: 'refused', object: `session:${whoami?.sessionId}` }),
        ]);
        expect(JSON.stringify(await audited({}))).not.toContain(session);
      });

      it('that have ended slow down whoever tries them, and not the session that comes after', async () => {
        const anna = await rig.user('anna');
        const device = rig.connect({ publicKey: anna.publicKey });
        const tries = Array.from({ length: 15 }, () =>
          outcome(device.call('access.resume', { session: 'e'.repeat(43) })),
        );
        expect(await Promise.all(tries)).toContain('THROTTLED');
        const { session } = await device.call('access.signIn', { userName: 'anna', password });
        expect(await outcome(device.call('access.resume', { session: session ?? '' }))).toBe('ok');
      });

      it('cannot be attached by id from another device either', async () => {
        const anna = await rig.user('anna');
        const berta = await rig.user('berta');
        const { sessionId } = await anna.call('access.whoami', {});
        const actor = await rig.access.actorOfKey(berta.publicKey, '127.0.0.1', { sessionId, pendingUserId: null });
        expect(actor.kind).toBe('device');
      });

      it('end after 12 idle hours and after seven days', async () => {
        const began = rig.clock.now;
        const anna = await rig.user('anna');
        rig.clock.now += sessionIdleMs - minuteMs;
        expect((await anna.actor()).kind).toBe('user');
        rig.clock.now += sessionIdleMs - minuteMs;
        expect((await anna.actor()).kind).toBe('user');
        while (rig.clock.now + sessionIdleMs - minuteMs < began + sessionLifeMs) {
          rig.clock.now += sessionIdleMs - minuteMs;
          expect((await anna.actor()).kind).toBe('user');
        }
        rig.clock.now = began + sessionLifeMs;
        expect((await anna.actor()).kind).toBe('device');
        const berta = rig.connect({ publicKey: anna.publicKey });
        await berta.call('access.signIn', { userName: 'anna', password });
        rig.clock.now += sessionIdleMs;
        expect((await berta.actor()).kind).toBe('device');
        const before = await rig.access.epoch();
        await rig.access.sweep();
        expect(await rig.access.epoch()).toBeGreaterThan(before);
        expect(await database.db.knex('sessions')).toEqual([]);
      });

      it('are listed to their owner, to all with access.read, and revoked at once', async () => {
        const anna = await rig.user('anna');
        const { sessionId } = await anna.call('access.whoami', {});
        expect((await anna.call('sessions.list', {})).items.map(({ userName }) => userName)).toEqual(['anna']);
        expect((await admin.call('sessions.list', {})).items).toHaveLength(2);
        expect((await admin.call('sessions.list', { mine: true })).items).toHaveLength(1);
        const root = await admin.call('access.whoami', {});
        expect(await outcome(anna.call('sessions.revoke', { id: root.sessionId ?? '' }))).toBe('FORBIDDEN');
        expect(await outcome(anna.call('sessions.revoke', { id: randomUUID() }))).toBe('FORBIDDEN');
        await admin.call('sessions.revoke', { id: sessionId ?? '' });
        expect(await outcome(anna.call('access.whoami', {}))).toBe('UNAUTHENTICATED');
      });

      it('end with the sign-out, and the connection stays a device', async () => {
        const anna = await rig.user('anna');
        expect(await anna.call('access.signOut', {})).toEqual({ ok: true });
        expect((await anna.actor()).kind).toBe('device');
      });
    });

    describe('passwords', () => {
      it('are changed with the old one; other sessions end, a repeat gets the first answer', async () => {
        const anna = await rig.user('anna');
        const other = rig.connect({ publicKey: anna.publicKey });
        await other.call('access.signIn', { userName: 'anna', password });
        const change = { current: password, next: 'something else now' };
        expect(await outcome(anna.call('access.changePassword', { ...change, current: 'wrong' }))).toBe(
          'BAD_CREDENTIALS',
        );
        const callId = randomUUID();
        await anna.call('access.changePassword', change, callId);
        expect(await anna.call('access.changePassword', change, callId)).toEqual({ ok: true });
        expect((await anna.actor()).kind).toBe('user');
        expect((await other.actor()).kind).toBe('device');
        expect(JSON.stringify(await audited({}))).not.toContain('something else');
      });

      it('with old parameters are hashed anew at the next sign-in', async () => {
        const anna = await rig.user('anna');
        const weak = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$wKLPLmr6Y4B5EKgVsSj3EQ';
        const before = await database.db.knex('users').where({ name: 'anna' }).first();
        await database.db.knex('users').where({ name: 'anna' }).update({ password_hash: weak });
        expect(await outcome(anna.call('access.signIn', { userName: 'anna', password }))).toBe('BAD_CREDENTIALS');
        await database.db
          .knex('users')
          .where({ name: 'anna' })
          .update({ password_hash: await weakHash(password) });
        expect(await outcome(anna.call('access.signIn', { userName: 'anna', password }))).toBe('ok');
        const after = await database.db.knex('users').where({ name: 'anna' }).first();
        expect(after.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
        expect(after.password_hash).not.toBe(before.password_hash);
      });
    });
  });
});

async function weakHash(text: string): Promise<string> {
  const { argon2Sync, randomBytes } = await import('node:crypto');
  const nonce = randomBytes(16);
  const tag = argon2Sync('argon2id', { message: text, nonce, parallelism: 1, tagLength: 16, memory: 64, passes: 1 });
  const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=64,t=1,p=1$${base64(nonce)}$${base64(tag)}`;
}
