/** Who may call without a signed-in user. `enrol`: any key; `signin`: an enrolled device; `totp`: a half-finished sign-in; `worker`: a zone worker. */
export const gatePermissions = ['enrol', 'signin', 'totp', 'worker'] as const;

/** Permissions that a role carries. `self` is for every signed-in user and concerns only what is theirs. */
export const rolePermissions = [
  'self',
  'inventory.read',
  'inventory.write',
  'credential.read',
  'credential.write',
  'credential.use',
  'hostkey.trust',
  'module.read',
  'module.write',
  'run.read',
  'run.start',
  'run.control',
  'audit.read',
  'audit.rules',
  'audit.erase',
  'alert.acknowledge',
  'terminal.open',
  'terminal.control',
  'file.read',
  'file.write',
  'recording.read',
  'worker.read',
  'access.read',
  'access.write',
] as const;

export type GatePermission = (typeof gatePermissions)[number];
export type RolePermission = (typeof rolePermissions)[number];
export type Permission = GatePermission | RolePermission;

export const roles = ['admin', 'operator', 'auditor', 'viewer'] as const;
export type Role = (typeof roles)[number];

const viewer: readonly RolePermission[] = ['self', 'inventory.read', 'module.read', 'run.read'];
const auditor: readonly RolePermission[] = [
  ...viewer,
  'audit.read',
  'alert.acknowledge',
  'recording.read',
  'access.read',
  'credential.read',
  'worker.read',
];
const operator: readonly RolePermission[] = [
  ...viewer,
  'inventory.write',
  'credential.read',
  'credential.use',
  'hostkey.trust',
  'run.start',
  'run.control',
  'terminal.open',
  'file.read',
  'file.write',
  'worker.read',
];

/** What each role may do; deny is the default. */
export const permissionsOf: Readonly<Record<Role, ReadonlySet<RolePermission>>> = {
  admin: new Set(rolePermissions),
  operator: new Set(operator),
  auditor: new Set(auditor),
  viewer: new Set(viewer),
};

export function isGatePermission(permission: Permission): permission is GatePermission {
  return gatePermissions.some((gate) => gate === permission);
}
