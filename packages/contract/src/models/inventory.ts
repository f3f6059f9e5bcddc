import { z } from 'zod';
import { groupPathSchema, idSchema, nameSchema, timeSchema } from './common.ts';

/** Host names, addresses and users never start with `-` and hold no space, newline, shell or YAML syntax. */
export const hostNameSchema = z
  .string()
  .regex(
    /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,199}$/u,
    'letters, digits, . _ - only, not starting with . or -, at most 200',
  );
export const addressSchema = z
  .string()
  .regex(
    /^([A-Za-z0-9_][A-Za-z0-9_.-]{0,252}|[0-9A-Fa-f:]{2,45}(%[A-Za-z0-9_.-]{1,16})?)$/,
    'a host name, IPv4 or IPv6 address',
  );
export const portSchema = z.int().min(1).max(65535);
export const loginSchema = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}$/, 'a login name such as root or deploy');
export const environmentSchema = z
  .string()
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,49}$/u, 'one word such as prod or staging');
export const labelKeySchema = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/, 'letters, digits, . _ -');
export const labelValueSchema = z
  .string()
  .regex(/^[\p{L}\p{N}_.:/@+-]{0,100}$/u, 'letters, digits and _ . : / @ + - only, at most 100');
export const labelsSchema = z
  .record(labelKeySchema, labelValueSchema)
  .refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels');

export const hostDraftSchema = z.object({
  name: hostNameSchema,
  address: addressSchema,
  port: portSchema.default(22),
  user: loginSchema,
  credential: nameSchema.nullable().default(null),
  zone: nameSchema.default('default'),
  environment: environmentSchema.default('default'),
  labels: labelsSchema.default({}),
  groups: z.array(groupPathSchema).max(64).default([]),
});
export type HostDraft = z.infer<typeof hostDraftSchema>;

export const hostSchema = hostDraftSchema.extend({ id: idSchema, createdAt: timeSchema, updatedAt: timeSchema });
export type Host = z.infer<typeof hostSchema>;

export const groupSchema = z.object({
  id: idSchema,
  path: groupPathSchema,
  hosts: z.int().describe('servers in this group and the groups below it'),
});
export type Group = z.infer<typeof groupSchema>;

/** What happens when a server's key is seen for the first time. `ask`: an operator says yes; `accept`: it is pinned at once. */
export const hostKeyPolicySchema = z.enum(['ask', 'accept']);

export const zoneDraftSchema = z.object({
  name: nameSchema,
  title: z.string().max(200).default(''),
  /** Names of jump hosts, outermost first; empty means reached directly. */
  jumpHosts: z.array(hostNameSchema).max(4).default([]),
  hostKeyPolicy: hostKeyPolicySchema.default('ask'),
  /** `worker`: only zone workers reach its servers, OMServer itself connects to none of them. */
  reach: z.enum(['server', 'worker']).default('server'),
  /** Servers of the zone that may be busy at once, over all runs; null: no limit. */
  parallel: z.int().min(1).max(100_000).nullable().default(null),
});
export type ZoneDraft = z.infer<typeof zoneDraftSchema>;
export const zoneSchema = zoneDraftSchema.extend({ id: idSchema, hosts: z.int() });
export type Zone = z.infer<typeof zoneSchema>;

export const hostKeyStateSchema = z.enum(['trusted', 'pending', 'revoked']);
export const hostKeySchema = z.object({
  id: idSchema,
  zone: nameSchema,
  address: addressSchema,
  port: portSchema,
  type: z.string(),
  key: z.string().describe('base64, as in known_hosts'),
  fingerprint: z.string(),
  state: hostKeyStateSchema,
  /** True when a different key of this server was trusted before: somebody should find out why. */
  changed: z.boolean(),
  hosts: z.array(hostNameSchema),
  seenAt: timeSchema,
  decidedBy: z.string().nullable(),
});
export type HostKey = z.infer<typeof hostKeySchema>;

export const serverSetNameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,59}$/u, 'letters, digits, spaces and . _ - only, at most 60');

/** Servers kept under a name, for everybody. */
export const serverSetSchema = z.object({
  name: serverSetNameSchema,
  selector: z.string().max(10_000).describe('worked out anew whenever the set is used'),
  savedBy: z.string(),
  savedAt: timeSchema,
});
export type ServerSet = z.infer<typeof serverSetSchema>;

/** What an import would do to the inventory. */
export const importPreviewSchema = z.object({
  digest: z.string().describe('pass it to hosts.importApply: what was previewed is what is applied'),
  added: z.array(hostDraftSchema),
  changed: z.array(
    z.object({
      name: hostNameSchema,
      fields: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })),
    }),
  ),
  removed: z.array(hostNameSchema),
  unchanged: z.int(),
  problems: z.array(z.object({ line: z.int(), message: z.string() })),
});
export type ImportPreview = z.infer<typeof importPreviewSchema>;
