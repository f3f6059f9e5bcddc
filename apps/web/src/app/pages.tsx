import type { Permission } from '@omanager/contract';
import {
  IconListDetails,
  IconPackage,
  IconPlayerPlay,
  IconServer2,
  IconSettings,
  IconShieldCheck,
  type TablerIcon,
} from '@tabler/icons-react';
import { type ComponentType, lazy } from 'react';

export type PageName = 'run' | 'runs' | 'servers' | 'modules' | 'audit' | 'admin';

export interface Page {
  readonly name: PageName;
  readonly path: string;
  readonly icon: TablerIcon;
  /** Who lacks it does not see the entry. */
  readonly permission: Permission;
}

/** The entries of the rail, in their order. */
export const railPages: readonly Page[] = [
  { name: 'run', path: '/run', icon: IconPlayerPlay, permission: 'module.read' },
  { name: 'runs', path: '/runs', icon: IconListDetails, permission: 'run.read' },
  { name: 'audit', path: '/audit', icon: IconShieldCheck, permission: 'audit.read' },
  { name: 'servers', path: '/servers', icon: IconServer2, permission: 'inventory.read' },
  { name: 'modules', path: '/modules', icon: IconPackage, permission: 'module.read' },
  { name: 'admin', path: '/admin', icon: IconSettings, permission: 'access.read' },
];

/** What an address shows; `*?` takes the rest of it. Each is loaded when it is first opened. */
export const routes: readonly { path: string; page: ComponentType }[] = [
  { path: '/run', page: lazy(() => import('../features/composer/index.tsx')) },
  { path: '/runs', page: lazy(() => import('../features/runs/index.tsx')) },
  { path: '/runs/:id/*?', page: lazy(() => import('../features/run/index.tsx')) },
  { path: '/servers/*?', page: lazy(() => import('../features/servers/index.tsx')) },
  { path: '/modules/*?', page: lazy(() => import('../features/modules/index.tsx')) },
  { path: '/audit/*?', page: lazy(() => import('../features/audit/index.tsx')) },
  { path: '/terminal/*?', page: lazy(() => import('../features/terminal/index.tsx')) },
  { path: '/files/*?', page: lazy(() => import('../features/files/index.tsx')) },
  { path: '/admin/*?', page: lazy(() => import('../features/admin/index.tsx')) },
  { path: '/settings', page: lazy(() => import('../features/settings/index.tsx')) },
];
