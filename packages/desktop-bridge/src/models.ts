import { z } from 'zod';

/** What the page may know of a server profile. Nothing in it is secret. */
export const profileSchema = z.strictObject({
  /** The server's public key, base64url. */
  id: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  name: z.string().min(1).max(100),
  /** host:port */
  address: z.string().regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}):\d{1,5}$/),
  tls: z.boolean(),
  fingerprint: z.string().max(100),
  environment: z.enum(['prod', 'staging', 'test']).nullable(),
  userName: z.string().max(50).nullable(),
  firstSeenAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type BridgedProfile = z.infer<typeof profileSchema>;

/** An entry of the native menu, the tray or the taskbar, as the page gets it. It shows something; it never runs anything. */
export const menuCommands = [
  'run',
  'runs',
  'servers',
  'modules',
  'audit',
  'admin',
  'settings',
  'palette',
  'sidebar',
  'output',
  'save',
  'clear',
  'find',
  'check',
  'readOnly',
  'keys',
  'switchServer',
  'closeTab',
  'family.system',
  'family.service',
  'family.file',
  'family.package',
  'family.user',
] as const;
export type MenuCommand = (typeof menuCommands)[number];

/** What is written to a file; the desktop's own dialog says which, and `fileText` how. `mark`: a byte order mark first. */
export const fileContentSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('txt'), text: z.string(), mark: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('html'), title: z.string().max(300), text: z.string() }),
  z.strictObject({
    kind: z.literal('csv'),
    rows: z.array(z.array(z.string()).max(200)).max(1_000_000),
    mark: z.boolean().optional().describe('default: true'),
  }),
  z.strictObject({ kind: z.literal('jsonl'), rows: z.array(z.unknown()).max(1_000_000) }),
]);
export type FileContent = z.infer<typeof fileContentSchema>;

/** A run that the person at this window follows. `done` of `total` servers. */
export const followedRunSchema = z.strictObject({
  id: z.string().regex(/^[0-9A-Za-z-]{1,64}$/),
  title: z.string().max(300),
  done: z.int().min(0),
  total: z.int().min(1),
  failed: z.int().min(0),
});
export type FollowedRun = z.infer<typeof followedRunSchema>;
