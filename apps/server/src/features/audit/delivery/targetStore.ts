import {
  type AlertEmail,
  type AlertTarget,
  alertEmailSchema,
  alertSeverities,
  OmError,
  type ParamsOf,
} from '@omanager/contract';
import type { Knex } from 'knex';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Tx } from '../../../db/database.ts';
import { iso, isoOrNull } from '../../../db/page.ts';
import type { Sealer } from '../../vault/sealer.ts';

type Draft = ParamsOf<'alertTargets.add'>['target'];
type Change = ParamsOf<'alertTargets.update'>['target'];

export interface TargetRow {
  id: string;
  name: string;
  kind: AlertTarget['kind'];
  enabled: boolean | number;
  least: AlertTarget['least'];
  with_command: boolean | number;
  origin: string;
  has_secret: boolean | number;
  sealed: Buffer;
  /** JSON; of targets that are reached by e-mail. */
  email: string | null;
  last_at: number | null;
  last_error: string | null;
  given_up: number;
  changed_by: string;
  changed_at: number;
}

interface By {
  by: string;
  at: number;
}

const sealedSchema = z.object({ url: z.string(), secret: z.string().optional() });
export type Address = z.infer<typeof sealedSchema>;

const mostTargets = 50;

export function createTargetStore(sealer: Sealer) {
  const seal = (id: string, address: Address): Buffer =>
    sealer.seal(`target|${id}`, Buffer.from(JSON.stringify(address)));
  const open = ({ id, sealed }: TargetRow): Address =>
    sealedSchema.parse(JSON.parse(sealer.open(`target|${id}`, sealed).toString('utf8')));

  async function find(on: Knex, id: string): Promise<TargetRow> {
    const row: TargetRow | undefined = await on('alert_targets').where({ id }).first();
    if (!row) throw new OmError('NOT_FOUND', 'There is no such target.');
    return row;
  }

  return {
    open,
    find,
    async list(on: Knex): Promise<AlertTarget[]> {
      const rows: TargetRow[] = await on('alert_targets').orderBy('name');
      const counts: { target_id: string; n: number | string }[] = await on('alert_outbox')
        .groupBy('target_id')
        .select('target_id')
        .count({ n: '*' });
      const waiting = new Map(counts.map(({ target_id, n }) => [target_id, Number(n)]));
      return rows.map((row) => toTarget(row, waiting.get(row.id) ?? 0));
    },
    async add(tx: Tx, { url, secret, email, ...draft }: Draft, { by, at }: By): Promise<AlertTarget> {
      const [count]: { n: number | string }[] = await tx('alert_targets').count({ n: '*' });
      if (Number(count?.n) >= mostTargets) throw new OmError('TOO_LARGE', `There are ${mostTargets} targets already.`);
      const id = uuid();
      await refuseTaken(tx, draft.name, id);
      const address = { url: checked(url), ...(secret !== undefined && { secret }) };
      refuseHalfSignIn(email, secret);
      const row: TargetRow = {
        ...{ id, name: draft.name, kind: draft.kind, enabled: draft.enabled, least: draft.least },
        ...{ with_command: draft.withCommand, origin: originOf(url), has_secret: secret !== undefined },
        email: email === undefined ? null : JSON.stringify(email),
        ...{ sealed: seal(id, address), last_at: null, last_error: null, given_up: 0, changed_by: by, changed_at: at },
      };
      await tx('alert_targets').insert(row);
      return toTarget(row, 0);
    },
    async update(tx: Tx, before: TargetRow, change: Change, { by, at }: By): Promise<AlertTarget> {
      await refuseTaken(tx, change.name, before.id);
      const { email } = change;
      if (before.kind === 'email' ? isPost(change.url) : email !== undefined || isMail(change.url))
        throw new OmError('INVALID_PARAMS', 'The address is not one of this kind of target.');
      const known = open(before);
      const url = change.url === undefined ? known.url : checked(change.url);
      const emailNow = email ?? (before.email === null ? undefined : emailOf(before));
      const moved = url !== known.url || (before.email !== null && emailNow?.user !== emailOf(before).user);
      // A secret is for the address and the user that it was given for; dropped unsaid it would be missed too late.
      if (moved && known.secret !== undefined && change.secret === undefined)
        throw new OmError('INVALID_PARAMS', secretAnew);
      const secret = change.secret === undefined ? known.secret : (change.secret ?? undefined);
      if (moved || change.secret !== undefined) refuseHalfSignIn(emailNow, secret);
      const row = {
        ...{ name: change.name, enabled: change.enabled, least: change.least, with_command: change.withCommand },
        ...{ origin: originOf(url), has_secret: secret !== undefined, changed_by: by, changed_at: at },
        email: email === undefined ? before.email : JSON.stringify(email),
        sealed: seal(before.id, { url, ...(secret !== undefined && { secret }) }),
      };
      await tx('alert_targets').where({ id: before.id }).update(row);
      return toTarget({ ...before, ...row }, 0);
    },
    async remove(tx: Tx, id: string): Promise<void> {
      await tx('alert_outbox').where({ target_id: id }).delete();
      await tx('alert_targets').where({ id }).delete();
    },
  };
}

export type TargetStore = ReturnType<typeof createTargetStore>;

/** Whether a target wants alerts of a severity. */
export function wants({ least }: Pick<TargetRow, 'least'>, severity: AlertTarget['least']): boolean {
  return alertSeverities.indexOf(severity) >= alertSeverities.indexOf(least);
}

const secretAnew =
  'The stored secret is for the address and the user that it was given for: give it again, or null for none.';

function refuseHalfSignIn(email: AlertEmail | undefined, secret: string | undefined): void {
  if (email && (email.user === undefined) !== (secret === undefined))
    throw new OmError('INVALID_PARAMS', 'User and password of a mail server belong together: both or neither.');
}

const isMail = (url: string | undefined): boolean => url !== undefined && /^smtps?:/i.test(url);
const isPost = (url: string | undefined): boolean => url !== undefined && /^https?:/i.test(url);

/** Schemes that browsers do not know have no `origin`. */
function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

export function emailOf({ email }: Pick<TargetRow, 'email'>): AlertEmail {
  return alertEmailSchema.parse(JSON.parse(email ?? 'null'));
}

function checked(url: string): string {
  const { username, password, href } = new URL(url);
  if (username !== '' || password !== '') throw new OmError('INVALID_PARAMS', 'An address cannot hold a password.');
  return href;
}

async function refuseTaken(tx: Tx, name: string, id: string): Promise<void> {
  const taken: TargetRow | undefined = await tx('alert_targets').where({ name }).whereNot({ id }).first();
  if (taken) throw new OmError('CONFLICT', `There is a target ${name} already.`);
}

export function toTarget(row: TargetRow, waiting: number): AlertTarget {
  return {
    ...{ id: row.id, name: row.name, kind: row.kind, enabled: Boolean(row.enabled), least: row.least },
    ...{ withCommand: Boolean(row.with_command), origin: row.origin, hasSecret: Boolean(row.has_secret), waiting },
    email: row.email === null ? null : emailOf(row),
    lastAt: isoOrNull(row.last_at === null ? null : Number(row.last_at)),
    lastError: row.last_error,
    givenUp: row.given_up,
    changedBy: row.changed_by,
    changedAt: iso(Number(row.changed_at)),
  };
}
