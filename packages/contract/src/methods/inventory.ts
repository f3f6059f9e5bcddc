import { z } from 'zod';
import { change, query } from '../method.ts';
import { emptySchema, groupPathSchema, idSchema, nameSchema, okSchema, pageOf, pageParams } from '../models/common.ts';
import {
  hostFilterSchema,
  hostHistorySchema,
  hostRowSchema,
  hostSortSchema,
  hostSummarySchema,
  hostTreeSchema,
  knownHostsPreviewSchema,
} from '../models/hostTable.ts';
import {
  groupSchema,
  hostDraftSchema,
  hostKeySchema,
  hostKeyStateSchema,
  hostNameSchema,
  hostSchema,
  importPreviewSchema,
  serverSetNameSchema,
  serverSetSchema,
  zoneDraftSchema,
  zoneSchema,
} from '../models/inventory.ts';

const selectorSchema = z.string().max(10_000);
const importParams = {
  format: z.enum(['csv', 'yaml', 'ssh_config']),
  text: z.string().max(4 * 1024 * 1024),
  /** Also remove hosts of these zones that the file does not name. */
  removeMissing: z.boolean().default(false),
};

export const inventoryMethods = {
  'hosts.list': query({
    permission: 'inventory.read',
    summary: 'Servers by name, all or those of a selector',
    params: z.strictObject({ ...pageParams, selector: selectorSchema.optional() }),
    result: pageOf(hostSchema),
  }),
  'hosts.count': query({
    permission: 'inventory.read',
    summary: 'How many servers a selector means, by environment and zone',
    params: z.strictObject({ selector: selectorSchema }),
    result: z.object({
      total: z.int(),
      environments: z.record(z.string(), z.int()),
      zones: z.record(z.string(), z.int()),
    }),
  }),
  'hosts.table': query({
    permission: 'inventory.read',
    summary:
      'Any part of a sorted table of servers, with what runs last told of them; for lists by cursor see hosts.list',
    params: z.strictObject({
      selector: selectorSchema.default('*'),
      only: hostFilterSchema.optional(),
      sort: hostSortSchema.default('name'),
      descending: z.boolean().default(false),
      /** A table is jumped into at any place, which no cursor can. */
      offset: z.int().min(0).max(1_000_000).default(0),
      limit: z.int().min(1).max(500).default(100),
    }),
    result: z.object({ total: z.int(), items: z.array(hostRowSchema) }),
  }),
  'hosts.summary': query({
    permission: 'inventory.read',
    summary: 'How many servers of a selector are unreachable, not OK, never used, in no group',
    params: z.strictObject({ selector: selectorSchema.default('*') }),
    result: hostSummarySchema,
  }),
  'hosts.tree': query({
    permission: 'inventory.read',
    summary: 'How many servers there are by environment and group',
    params: emptySchema,
    result: hostTreeSchema,
  }),
  'hosts.runs': query({
    permission: 'run.read',
    summary: 'What ran on one server, newest first, with its own state; also for a server that was removed',
    params: z.strictObject({
      hostId: idSchema,
      cursor: pageParams.cursor,
      limit: z.int().min(1).max(100).default(20),
    }),
    result: pageOf(hostHistorySchema),
  }),
  'hosts.get': query({
    permission: 'inventory.read',
    summary: 'One server by name',
    params: z.strictObject({ name: hostNameSchema }),
    result: hostSchema,
  }),
  'hosts.add': change({
    permission: 'inventory.write',
    summary: 'Add a server; groups are made as needed. Attaching a credential needs credential.use',
    params: z.strictObject({ host: hostDraftSchema }),
    result: hostSchema,
  }),
  'hosts.update': change({
    permission: 'inventory.write',
    summary: 'Change a server; address, port, user, zone or credential of one with a credential need credential.use',
    params: z.strictObject({
      name: hostNameSchema,
      changes: z
        .object({
          name: hostDraftSchema.shape.name,
          address: hostDraftSchema.shape.address,
          port: hostDraftSchema.shape.port.unwrap(),
          user: hostDraftSchema.shape.user,
          credential: hostDraftSchema.shape.credential.unwrap(),
          zone: hostDraftSchema.shape.zone.unwrap(),
          environment: hostDraftSchema.shape.environment.unwrap(),
          labels: hostDraftSchema.shape.labels.unwrap(),
          groups: hostDraftSchema.shape.groups.unwrap(),
        })
        .partial(),
    }),
    result: hostSchema,
  }),
  'hosts.remove': change({
    permission: 'inventory.write',
    summary: 'Remove servers by name; runs and audit keep what they recorded',
    params: z.strictObject({ names: z.array(hostNameSchema).min(1).max(1000) }),
    result: z.object({ removed: z.int() }),
  }),
  'hosts.importPreview': query({
    permission: 'inventory.write',
    summary: 'What an import from CSV, YAML or an ssh client’s config would add, change and remove',
    params: z.strictObject(importParams),
    result: importPreviewSchema,
  }),
  'hosts.importApply': change({
    permission: 'inventory.write',
    summary: 'Apply an import exactly as previewed',
    params: z.strictObject({ ...importParams, digest: z.string().max(100) }),
    result: z.object({ added: z.int(), changed: z.int(), removed: z.int() }),
    secretParams: ['text'],
  }),

  'groups.list': query({
    permission: 'inventory.read',
    summary: 'The tree of groups (function category / application), by path',
    params: z.strictObject(pageParams),
    result: pageOf(groupSchema),
  }),
  'groups.add': change({
    permission: 'inventory.write',
    summary: 'Add a group and the groups above it',
    params: z.strictObject({ path: groupPathSchema }),
    result: groupSchema,
  }),
  'groups.move': change({
    permission: 'inventory.write',
    summary: 'Rename or move a group with all below it',
    params: z.strictObject({ path: groupPathSchema, to: groupPathSchema }),
    result: groupSchema,
  }),
  'groups.remove': change({
    permission: 'inventory.write',
    summary: 'Remove a group and those below it; the servers stay',
    params: z.strictObject({ path: groupPathSchema }),
    result: okSchema,
  }),
  'groups.assign': change({
    permission: 'inventory.write',
    summary: 'Put the servers of a selector into a group, or take them out',
    params: z.strictObject({ path: groupPathSchema, selector: selectorSchema, member: z.boolean() }),
    result: z.object({ changed: z.int() }),
  }),

  'serverSets.list': query({
    permission: 'inventory.read',
    summary: 'Servers that are kept under a name, for everybody; by name',
    params: emptySchema,
    result: z.object({ items: z.array(serverSetSchema) }),
  }),
  'serverSets.save': change({
    permission: 'inventory.write',
    summary: 'Keep a selector under a name; one of this name is replaced',
    params: z.strictObject({ name: serverSetNameSchema, selector: z.string().trim().min(1).max(10_000) }),
    result: serverSetSchema,
  }),
  'serverSets.remove': change({
    permission: 'inventory.write',
    summary: 'Forget a name; its servers stay',
    params: z.strictObject({ name: serverSetNameSchema }),
    result: okSchema,
  }),
  'zones.list': query({
    permission: 'inventory.read',
    summary: 'Zones (IDCs) and how they are reached',
    params: emptySchema,
    result: pageOf(zoneSchema),
  }),
  'zones.save': change({
    permission: 'inventory.write',
    summary: 'Add a zone or change it; jump hosts need credential.use',
    params: z.strictObject({ zone: zoneDraftSchema }),
    result: zoneSchema,
  }),
  'zones.remove': change({
    permission: 'inventory.write',
    summary: 'Remove an empty zone',
    params: z.strictObject({ name: nameSchema }),
    result: okSchema,
  }),

  'hostKeys.list': query({
    permission: 'inventory.read',
    summary: 'Host keys: trusted, waiting for a yes, revoked',
    params: z.strictObject({ ...pageParams, state: hostKeyStateSchema.optional(), host: hostNameSchema.optional() }),
    result: pageOf(hostKeySchema),
  }),
  'hostKeys.trust': change({
    permission: 'hostkey.trust',
    summary: 'Say yes to host keys that are waiting; a changed key must be named by its fingerprint',
    params: z.strictObject({
      ids: z.array(idSchema).min(1).max(1000),
      /** Needed for a key that replaces a trusted one: the fingerprint as checked on the server itself. */
      fingerprint: z.string().optional(),
    }),
    result: z.object({ trusted: z.int() }),
  }),
  'hostKeys.revoke': change({
    permission: 'hostkey.trust',
    summary: 'Never accept these keys again',
    params: z.strictObject({ ids: z.array(idSchema).min(1).max(1000) }),
    result: z.object({ revoked: z.int() }),
  }),
  'hostKeys.remove': change({
    permission: 'hostkey.trust',
    summary: 'Forget host keys; the next connection asks again',
    params: z.strictObject({ ids: z.array(idSchema).min(1).max(1000) }),
    result: z.object({ removed: z.int() }),
  }),
  'hostKeys.importPreview': query({
    permission: 'hostkey.trust',
    summary: 'What an import of a known_hosts file would trust and revoke',
    params: z.strictObject({ text: z.string().max(4 * 1024 * 1024), zone: nameSchema.default('default') }),
    result: knownHostsPreviewSchema,
  }),
  'hostKeys.import': change({
    permission: 'hostkey.trust',
    summary: 'Trust the keys of a known_hosts file for the servers of the inventory',
    params: z.strictObject({ text: z.string().max(4 * 1024 * 1024), zone: nameSchema.default('default') }),
    result: z.object({
      trusted: z.int(),
      revoked: z.int(),
      unmatched: z.int().describe('lines that name no server of the zone'),
      problems: z.array(z.object({ line: z.int(), message: z.string() })),
    }),
    secretParams: ['text'],
  }),
};
