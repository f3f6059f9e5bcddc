import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type AccessRig,
  auditedOf,
  clearAccess,
  codeOf,
  enrolment,
  outcome,
  password,
  startAccess,
  type TestConnection,
} from './accessRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const minuteMs = 60_000;

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('enrolment on $name', ({ missing, open }) => {
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
  });
});
