import { randomUUID } from 'node:crypto';
import { contract, permissionsOf } from '@omanager/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sessionIdleMs, sessionLifeMs } from '../../apps/server/src/features/access/stores/sessions.ts';
import { totpCode, totpStep } from '../../apps/server/src/features/access/totp.ts';
import {
  type AccessRig,
  clearAccess,
  codeOf,
  createAccessRig,
  enrolment,
  outcome,
  password,
  type TestConnection,
} from './accessRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const minuteMs = 60_000;

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('access on $name', ({ missing, open }) => {
  describe.skipIf(missing)('', () => {
    let database: TestDatabase;
    let rig: AccessRig;
    let admin: TestConnection;

    beforeAll(async () => {
      database = await open();
    });
    afterAll(() => database?.close());
    beforeEach(async () => {
      await clearAccess(database.db);
      rig = createAccessRig(database.db);
      const first = await rig.access.firstInvite();
      admin = rig.connect();
      await admin.call('access.enrol', enrolment(first?.link ?? '', 'root'));
      return () => rig.access.close();
    });

    async function audited(where: Record<string, unknown>) {
      const rows = await database.db.knex('action_events').where(where).orderBy('id');
      return rows.map(({ action, outcome, code, details, object }) => ({
        ...{ action, outcome, code, object },
        details: JSON.parse(details),
      }));
    }

    describe('enrolment', () => {
      it('makes the first user an admin, and no second first invite', async () => {
        expect(await admin.call('access.whoami', {})).toMatchObject({ userName: 'root', role: 'admin', kind: 'user' });
        expect(await rig.access.firstInvite()).toBeNull();
      });

      it('makes earlier first invites worthless', async () => {
        await clearAccess(database.db);
        const old = await rig.access.firstInvite();
        const current = await rig.access.firstInvite();
        const key = rig.connect();
        expect(await outcome(key.call('access.enrol', enrolment(old?.link ?? '', 'root')))).toBe('INVITE_INVALID');
        expect(await outcome(key.call('access.enrol', enrolment(current?.link ?? '', 'root')))).toBe('ok');
      });

      it('gives a link that carries the server key and 256 random bits', async () => {
        const { link, invite } = await admin.call('invites.create', {});
        expect(link).toMatch(/^omanager:\/\/127\.0\.0\.1:7443\/#[\w-]{43}\.[\w-]{43}$/);
        expect(Date.parse(invite.expiresAt) - Date.parse(invite.createdAt)).toBe(60 * minuteMs);
        const stored = await database.db.knex('invites').where({ id: invite.id }).first();
        expect(JSON.stringify(stored)).not.toContain(codeOf(link));
      });

      it('redeems an invite once, also when two try at once', async () => {
        const { link, invite } = await admin.call('invites.create', {});
        const outcomes = await Promise.all(
          ['anna', 'berta'].map((name) => outcome(rig.connect().call('access.enrol', enrolment(link, name)))),
        );
        expect(outcomes.sort()).toEqual(['INVITE_INVALID', 'ok']);
        expect((await admin.call('users.list', {})).items).toHaveLength(2);
        const events = await audited({ action: 'access.enrol' });
        expect(events.map((event) => [event.outcome, event.code])).toEqual(
          expect.arrayContaining([
            ['done', null],
            ['refused', 'INVITE_INVALID'],
          ]),
        );
        expect(
          (await admin.call('invites.list', {})).items.find(({ id }) => id === invite.id)?.redeemedAt,
        ).not.toBeNull();
      });

      it('refuses expired, revoked and invented codes', async () => {
        const { link, invite } = await admin.call('invites.create', { ttlMinutes: 5 });
        rig.clock.now += 5 * minuteMs;
        expect(await outcome(rig.connect().call('access.enrol', enrolment(link, 'anna')))).toBe('INVITE_INVALID');
        rig.clock.now -= 5 * minuteMs;
        await admin.call('invites.revoke', { id: invite.id });
        expect(await outcome(rig.connect().call('access.enrol', enrolment(link, 'anna')))).toBe('INVITE_INVALID');
        const invented = enrolment(`x.${'A'.repeat(43)}`, 'anna');
        expect(await outcome(rig.connect().call('access.enrol', invented))).toBe('INVITE_INVALID');
        expect(await outcome(admin.call('invites.revoke', { id: invite.id }))).toBe('CONFLICT');
      });

      it('slows code guessing down without keeping a guest with a good code out', async () => {
        for (let i = 0; i < 12; i++) {
          await outcome(rig.connect().call('access.enrol', enrolment(`x.${'B'.repeat(43)}`, 'anna')));
        }
        const guess = rig.connect().call('access.enrol', enrolment(`x.${'B'.repeat(43)}`, 'anna'));
        expect(await outcome(guess)).toBe('THROTTLED');
        const { link } = await admin.call('invites.create', {});
        expect(await outcome(rig.connect().call('access.enrol', enrolment(link, 'anna')))).toBe('ok');
      });

      it('answers a repeat with the first answer and attaches the new connection', async () => {
        const { link } = await admin.call('invites.create', { role: 'viewer' });
        const callId = randomUUID();
        const first = rig.connect();
        const answer = await first.call('access.enrol', enrolment(link, 'anna'), callId);
        const again = rig.connect({ publicKey: first.publicKey });
        expect(await again.call('access.enrol', enrolment(link, 'anna'), callId)).toEqual(answer);
        expect(await again.call('access.whoami', {})).toMatchObject({ userName: 'anna', role: 'viewer' });
        expect(await database.db.knex('sessions').where({ device_id: answer.whoami?.deviceId })).toHaveLength(1);
      });

      it('is done once when the same call comes over two connections at once', async () => {
        const { link } = await admin.call('invites.create', {});
        const callId = randomUUID();
        const one = rig.connect();
        const two = rig.connect({ publicKey: one.publicKey });
        const [first, second] = await Promise.all(
          [one, two].map((connection) => connection.call('access.enrol', enrolment(link, 'anna'), callId)),
        );
        expect(first).toEqual(second);
        for (const connection of [one, two]) {
          expect(await connection.call('access.whoami', {})).toMatchObject({ userName: 'anna' });
        }
      });

      it('keeps the invite for another try when the name is taken', async () => {
        const { link } = await admin.call('invites.create', {});
        expect(await outcome(rig.connect().call('access.enrol', enrolment(link, 'root')))).toBe('CONFLICT');
        expect(await outcome(rig.connect().call('access.enrol', enrolment(link, 'anna')))).toBe('ok');
      });

      it('enrols a key for one user only', async () => {
        const anna = await rig.user('anna');
        const other = rig.connect({ publicKey: anna.publicKey });
        const { link } = await admin.call('invites.create', {});
        expect(await outcome(other.call('access.enrol', enrolment(link, 'berta')))).toBe('CONFLICT');
        const { link: own } = await admin.call('invites.create', { userName: 'anna' });
        expect(await outcome(other.call('access.enrol', enrolment(own, 'anna')))).toBe('ok');
        expect((await other.call('devices.list', {})).items).toHaveLength(1);
      });

      it('gives an existing user a new password and device, and ends their other sessions', async () => {
        const anna = await rig.user('anna', 'viewer');
        const { link, invite } = await admin.call('invites.create', { userName: 'anna', role: 'admin' });
        expect(invite.role).toBe('viewer');
        const phone = rig.connect();
        expect(await outcome(phone.call('access.enrol', enrolment(link, 'berta')))).toBe('CONFLICT');
        const answer = await phone.call('access.enrol', enrolment(link, 'anna', { password: 'another good one' }));
        expect(answer.whoami).toMatchObject({ userName: 'anna', role: 'viewer' });
        expect((await anna.actor()).kind).toBe('device');
        expect(await outcome(anna.call('access.signIn', { userName: 'anna', password }))).toBe('BAD_CREDENTIALS');
        const signedIn = await anna.call('access.signIn', { userName: 'anna', password: 'another good one' });
        expect(signedIn.next).toBe('done');
      });

      it('never again accepts a revoked key', async () => {
        const anna = await rig.user('anna');
        const { deviceId } = await anna.call('access.whoami', {});
        await admin.call('devices.revoke', { id: deviceId ?? '' });
        expect((await anna.actor()).kind).toBe('anonymous');
        expect(await outcome(anna.call('access.signIn', { userName: 'anna', password }))).toBe('NOT_ENROLLED');
        for (const userName of ['anna', undefined]) {
          const { link } = await admin.call('invites.create', { userName });
          expect(await outcome(anna.call('access.enrol', enrolment(link, userName ?? 'dora')))).toBe('CONFLICT');
        }
      });
    });

    it('writes refusals down, without secrets, and without letting strangers fill the store', async () => {
      const anna = await rig.user('anna', 'viewer');
      await database.db.knex('action_events').delete();
      const secret = { kind: 'password', password: 'in-the-right-place' };
      expect(await outcome(anna.call('credentials.add', { name: 'x', secret } as never))).toBe('FORBIDDEN');
      expect(await outcome(anna.call('credentials.add', { name: 'x', passwort: 'misplaced' } as never))).toBe(
        'FORBIDDEN',
      );
      expect(await outcome(anna.call('users.list', {}))).toBe('FORBIDDEN');
      const events = await audited({});
      expect(events.map(({ action, code }) => [action, code])).toEqual([
        ['credentials.add', 'FORBIDDEN'],
        ['credentials.add', 'FORBIDDEN'],
        ['users.list', 'FORBIDDEN'],
      ]);
      expect(JSON.stringify(events)).not.toMatch(/in-the-right-place|misplaced/);
      const stranger = rig.connect();
      for (let i = 0; i < 100; i++) {
        await outcome(stranger.call('users.remove', { name: 'root' }));
        await outcome(stranger.call('access.enrol', enrolment(`x.${'D'.repeat(43)}`, 'anna')));
      }
      expect((await audited({})).length).toBeLessThan(20);
    });

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

    describe('the second factor', () => {
      async function withTotp(name: string) {
        const anna = await rig.user(name);
        const { secret, uri } = await anna.call('access.beginTotp', { password });
        expect(uri).toContain(secret);
        const seed = base32Bytes(secret);
        await anna.call('access.confirmTotp', { code: totpCode(seed, totpStep(rig.clock.now)) });
        return { anna, seed, device: rig.connect({ publicKey: anna.publicKey }) };
      }

      it('is asked for after the password, and each code works once', async () => {
        const { device, anna, seed } = await withTotp('anna');
        expect(await anna.call('access.whoami', {})).toMatchObject({ totp: true });
        const code = () => totpCode(seed, totpStep(rig.clock.now));
        expect(await device.call('access.signIn', { userName: 'anna', password })).toEqual({
          session: null,
          next: 'totp',
          whoami: null,
        });
        expect((await device.actor()).kind).toBe('pending');
        // The code that turned it on is used up as well.
        expect(await outcome(device.call('access.verifyTotp', { code: code() }))).toBe('BAD_CREDENTIALS');
        rig.clock.now += 30_000;
        const other = rig.connect({ publicKey: anna.publicKey });
        await other.call('access.signIn', { userName: 'anna', password });
        const outcomes = await Promise.all(
          [device, other].map((connection) => outcome(connection.call('access.verifyTotp', { code: code() }))),
        );
        expect(outcomes.sort()).toEqual(['BAD_CREDENTIALS', 'ok']);
        expect(JSON.stringify(await audited({}))).not.toContain(`"${code()}"`);
      });

      it('leaves a half-finished sign-in nothing but the code', async () => {
        const { device } = await withTotp('anna');
        await device.call('access.signIn', { userName: 'anna', password });
        const methods = Object.keys(contract).filter((name) =>
          /^(access|users|invites|devices|sessions|tokens|credentials)\./.test(name),
        );
        expect(methods.length).toBeGreaterThan(25);
        for (const method of methods.filter((name) => name !== 'access.verifyTotp')) {
          // Parameters are looked at after the permission.
          const call = device.call(method as 'access.whoami', {});
          expect([method, await outcome(call)]).toEqual([method, 'TOTP_REQUIRED']);
        }
        expect((await device.actor()).kind).toBe('pending');
      });

      it('ends the pending sign-in after five wrong codes, and slows down after that', async () => {
        const { device, anna } = await withTotp('anna');
        const wrong = () => outcome(device.call('access.verifyTotp', { code: '000000' }));
        await device.call('access.signIn', { userName: 'anna', password });
        for (let i = 0; i < 5; i++) expect(await wrong()).toBe('BAD_CREDENTIALS');
        expect((await device.actor()).kind).toBe('device');
        await device.call('access.signIn', { userName: 'anna', password });
        expect(await wrong()).toBe('BAD_CREDENTIALS');
        expect(await wrong()).toBe('THROTTLED');
        // The session that was there before is untouched.
        expect((await anna.actor()).kind).toBe('user');
      });

      it('is given up after five minutes, and when the password changes meanwhile', async () => {
        const { device, anna, seed } = await withTotp('anna');
        const code = () => totpCode(seed, totpStep(rig.clock.now));
        await device.call('access.signIn', { userName: 'anna', password });
        rig.clock.now += 5 * minuteMs;
        expect(await outcome(device.call('access.verifyTotp', { code: code() }))).toBe('UNAUTHENTICATED');
        expect((await device.actor()).kind).toBe('device');
        await device.call('access.signIn', { userName: 'anna', password });
        await anna.call('access.changePassword', { current: password, next: 'something else now' });
        expect(await outcome(device.call('access.verifyTotp', { code: code() }))).toBe('UNAUTHENTICATED');
      });

      it('is still asked for when an invite resets the password', async () => {
        const { seed } = await withTotp('anna');
        const { link } = await admin.call('invites.create', { userName: 'anna' });
        const callId = randomUUID();
        const phone = rig.connect();
        const params = enrolment(link, 'anna', { password: 'brand new password' });
        expect(await phone.call('access.enrol', params, callId)).toEqual({ session: null, next: 'totp', whoami: null });
        const again = rig.connect({ publicKey: phone.publicKey });
        await again.call('access.enrol', params, callId);
        expect((await again.actor()).kind).toBe('pending');
        rig.clock.now += 30_000;
        const code = totpCode(seed, totpStep(rig.clock.now));
        expect(await again.call('access.verifyTotp', { code })).toMatchObject({ next: 'done' });
      });

      it('can be turned off with the password', async () => {
        const { device, anna } = await withTotp('anna');
        expect(await outcome(anna.call('access.disableTotp', { password: 'wrong' }))).toBe('BAD_CREDENTIALS');
        await anna.call('access.disableTotp', { password });
        expect((await device.call('access.signIn', { userName: 'anna', password })).next).toBe('done');
      });

      it('keeps its seed sealed', async () => {
        const { seed } = await withTotp('anna');
        const row = await database.db.knex('users').where({ name: 'anna' }).first();
        expect(Buffer.from(row.totp_sealed).includes(seed)).toBe(false);
        const berta = await database.db.knex('users').where({ name: 'root' }).first();
        expect(() => rig.sealer.open(`totp|${berta.id}`, row.totp_sealed)).toThrow();
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

    describe('users', () => {
      it('keep at least one admin, also when two demote each other at once', async () => {
        expect(await outcome(admin.call('users.setRole', { name: 'root', role: 'viewer' }))).toBe('CONFLICT');
        expect(await outcome(admin.call('users.remove', { name: 'root' }))).toBe('CONFLICT');
        const second = await rig.user('second', 'admin');
        const outcomes = await Promise.all([
          outcome(admin.call('users.setRole', { name: 'second', role: 'viewer' })),
          outcome(second.call('users.setRole', { name: 'root', role: 'viewer' })),
        ]);
        expect(outcomes.filter((code) => code === 'ok')).toHaveLength(1);
        expect(await database.db.knex('users').where({ role: 'admin' })).toHaveLength(1);
      });

      it('lose rights at once: the epoch moves and listeners hear of it', async () => {
        const anna = await rig.user('anna', 'admin');
        const before = await rig.access.epoch();
        let heard = 0;
        const undo = rig.access.onEpoch(() => heard++);
        await admin.call('users.setRole', { name: 'anna', role: 'viewer' });
        expect(heard).toBe(1);
        expect(await rig.access.epoch()).toBeGreaterThan(before);
        undo();
        const actor = await anna.actor();
        expect(rig.access.authorize(actor, 'access.write')).toBe(false);
        expect(await outcome(anna.call('users.list', {}))).toBe('FORBIDDEN');
      });

      it('are noticed by other processes within 2 seconds', async () => {
        const other = createAccessRig(database.db);
        const heard = Promise.withResolvers<number>();
        await other.access.epoch();
        const undo = other.access.onEpoch(() => heard.resolve(performance.now()));
        const began = performance.now();
        await rig.user('anna');
        await admin.call('users.setRole', { name: 'anna', role: 'viewer' });
        expect((await heard.promise) - began).toBeLessThan(5000);
        undo();
        other.access.close();
      });

      it('cannot come back by what they prepared', async () => {
        const anna = await rig.user('anna', 'admin');
        const { link } = await anna.call('invites.create', { role: 'admin' });
        await admin.call('users.setRole', { name: 'anna', role: 'viewer' });
        expect(await outcome(rig.connect().call('access.enrol', enrolment(link, 'eve')))).toBe('INVITE_INVALID');
      });

      it('when removed lose devices, sessions, tokens and invites, and keep their name', async () => {
        const anna = await rig.user('anna', 'admin');
        const { secret } = await anna.call('tokens.create', { name: 'ci', role: 'viewer' });
        const mine = await anna.call('invites.create', { role: 'admin' });
        const forAnna = await admin.call('invites.create', { userName: 'anna' });
        await admin.call('users.remove', { name: 'anna' });
        expect((await anna.actor()).kind).toBe('anonymous');
        expect(await rig.access.actorOfToken(secret, '127.0.0.1')).toBeNull();
        for (const [link, name] of [
          [mine.link, 'eve'],
          [forAnna.link, 'anna'],
        ] as const) {
          expect(await outcome(rig.connect().call('access.enrol', enrolment(link, name)))).toBe('INVITE_INVALID');
        }
        expect(await admin.call('users.get', { name: 'anna' })).toMatchObject({ disabled: true });
        expect(await outcome(admin.call('invites.create', { userName: 'anna' }))).toBe('CONFLICT');
        const { link } = await admin.call('invites.create', {});
        expect(await outcome(rig.connect().call('access.enrol', enrolment(link, 'anna')))).toBe('CONFLICT');
      });

      it('are listed by name, page by page', async () => {
        for (const name of ['dora', 'anna', 'carla', '小明']) await rig.user(name);
        const first = await admin.call('users.list', { limit: 3 });
        const second = await admin.call('users.list', { limit: 3, cursor: first.next });
        expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
          ...['anna', 'carla', 'dora', 'root', '小明'],
        ]);
        expect(second.next).toBeUndefined();
        expect(await outcome(admin.call('users.get', { name: 'Anna' }))).toBe('NOT_FOUND');
      });

      it('who are locked out get in again by the command line', async () => {
        const { secret } = await admin.call('access.beginTotp', { password });
        const seed = base32Bytes(secret);
        await admin.call('access.confirmTotp', { code: totpCode(seed, totpStep(rig.clock.now)) });
        const { link } = await rig.access.resetUser({
          userName: 'root',
          revokeDevices: true,
          by: 'omserver user reset',
        });
        expect((await admin.actor()).kind).toBe('anonymous');
        const fresh = rig.connect();
        const answer = await fresh.call('access.enrol', enrolment(link, 'root', { password: 'a new beginning' }));
        expect(answer).toMatchObject({ next: 'done', whoami: { role: 'admin', totp: false } });
        expect(await audited({ action: 'users.reset' })).toEqual([
          expect.objectContaining({ object: 'user:root', outcome: 'done' }),
        ]);
        expect(JSON.stringify(await audited({}))).not.toContain(codeOf(link));
      });
    });

    describe('API tokens', () => {
      it('have the power of token and owner together, at this moment', async () => {
        const anna = await rig.user('anna', 'operator');
        expect(await outcome(anna.call('tokens.create', { name: 'ci', role: 'admin' }))).toBe('FORBIDDEN');
        expect(await outcome(anna.call('tokens.create', { name: 'ci', role: 'auditor' }))).toBe('FORBIDDEN');
        const { secret, token } = await anna.call('tokens.create', { name: 'ci', role: 'operator', ttlDays: 1 });
        expect(secret).toMatch(/^omt_[\w-]{43}$/);
        expect(JSON.stringify(await database.db.knex('tokens'))).not.toContain(secret.slice(4));
        const pipeline = rig.withToken(secret);
        expect(await pipeline.call('access.whoami', {})).toMatchObject({ kind: 'token', userName: 'anna' });
        const permissions = async () => {
          const actor = await pipeline.actor();
          return actor.kind === 'token' ? actor.permissions : new Set();
        };
        expect(await permissions()).toEqual(permissionsOf.operator);
        await admin.call('users.setRole', { name: 'anna', role: 'viewer' });
        expect(await permissions()).toEqual(permissionsOf.viewer);
        expect((await admin.call('tokens.list', {})).items.map(({ id }) => id)).toEqual([token.id]);
        rig.clock.now += 24 * 60 * minuteMs;
        expect(await outcome(pipeline.call('access.whoami', {}))).toBe('UNAUTHENTICATED');
      });

      it('make no tokens, invites or devices, and change no account', async () => {
        const { secret } = await admin.call('tokens.create', { name: 'ci', role: 'admin' });
        const token = rig.withToken(secret);
        const { deviceId, sessionId } = await admin.call('access.whoami', {});
        const attempts = [
          () => token.call('tokens.create', { name: 'more', role: 'viewer' }),
          () => token.call('invites.create', {}),
          () => token.call('users.setRole', { name: 'root', role: 'admin' }),
          () => token.call('devices.revoke', { id: deviceId ?? '' }),
          () => token.call('sessions.revoke', { id: sessionId ?? '' }),
          () => token.call('access.changePassword', { current: password, next: 'something else now' }),
          () => token.call('access.beginTotp', { password }),
          () => token.call('access.signOut', {}),
          () => token.call('access.enrol', enrolment(`x.${'C'.repeat(43)}`, 'anna')),
        ];
        for (const attempt of attempts) expect(await outcome(attempt())).toBe('FORBIDDEN');
        expect(await outcome(token.call('users.list', {}))).toBe('ok');
      });

      it('are revoked by their owner, by an admin, or by themselves', async () => {
        const anna = await rig.user('anna');
        const berta = await rig.user('berta');
        const make = () => anna.call('tokens.create', { name: 'ci', role: 'viewer' });
        const [one, two, three] = [await make(), await make(), await make()];
        expect(await outcome(berta.call('tokens.revoke', { id: one.token.id }))).toBe('FORBIDDEN');
        expect(await outcome(rig.withToken(one.secret).call('tokens.revoke', { id: two.token.id }))).toBe('FORBIDDEN');
        await anna.call('tokens.revoke', { id: one.token.id });
        await admin.call('tokens.revoke', { id: two.token.id });
        await rig.withToken(three.secret).call('tokens.revoke', { id: three.token.id });
        for (const { secret } of [one, two, three]) {
          expect(await rig.access.actorOfToken(secret, '127.0.0.1')).toBeNull();
        }
        expect((await berta.call('tokens.list', {})).items).toEqual([]);
      });

      it('are shown once: a repeat of the call gets the same secret from a sealed answer', async () => {
        const callId = randomUUID();
        const params = { name: 'ci', role: 'viewer' } as const;
        const made = await admin.call('tokens.create', params, callId);
        expect(await admin.call('tokens.create', params, callId)).toEqual(made);
        const stored = await database.db.knex('calls').where({ call_id: callId }).first();
        expect(Buffer.from(stored.result).includes(made.secret)).toBe(false);
        expect(JSON.stringify(await audited({}))).not.toContain(made.secret.slice(4));
      });
    });
  });
});

function base32Bytes(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

async function weakHash(text: string): Promise<string> {
  const { argon2Sync, randomBytes } = await import('node:crypto');
  const nonce = randomBytes(16);
  const tag = argon2Sync('argon2id', { message: text, nonce, parallelism: 1, tagLength: 16, memory: 64, passes: 1 });
  const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=64,t=1,p=1$${base64(nonce)}$${base64(tag)}`;
}
