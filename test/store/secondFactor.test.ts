import { randomUUID } from 'node:crypto';
import { contract } from '@omanager/contract';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { totpCode, totpStep } from '../../apps/server/src/features/access/totp.ts';
import {
  type AccessRig,
  auditedOf,
  base32Bytes,
  enrolment,
  outcome,
  password,
  startAccess,
  type TestConnection,
} from './accessRig.ts';
import { databases, type TestDatabase } from './databases.ts';

const minuteMs = 60_000;

// Skipped only where the lab's MariaDB cannot run; `npm test` says so.
describe.each(databases)('the second factor on $name', ({ missing, open }) => {
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
  });
});
