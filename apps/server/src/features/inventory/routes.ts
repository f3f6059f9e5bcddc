import { OmError } from '@omanager/contract';

export interface RouteZone {
  readonly id: string;
  readonly name: string;
  readonly jumpHostIds: readonly string[];
}

export interface RouteHost {
  readonly id: string;
  readonly name: string;
  readonly zoneId: string;
}

/** The jump hosts on the way to a host: those of its zone, or only those before it when it is one of them. */
export function hopsBefore(hostId: string, jumpHostIds: readonly string[]): readonly string[] {
  const position = jumpHostIds.indexOf(hostId);
  return position < 0 ? jumpHostIds : jumpHostIds.slice(0, position);
}

/**
 * Refuses zones whose jump hosts cannot be reached in their order: each must be reachable directly or through the
 * ones before it. Circles break that rule, so there are none.
 */
export function checkRoutes(zones: readonly RouteZone[], jumpHosts: ReadonlyMap<string, RouteHost>): void {
  const zoneOf = new Map(zones.map((zone) => [zone.id, zone]));
  for (const zone of zones) {
    const before = new Set<string>();
    for (const id of zone.jumpHostIds) {
      const host = jumpHosts.get(id);
      const home = host && zoneOf.get(host.zoneId);
      if (!host || !home) throw new OmError('NOT_FOUND', `A jump host of zone ${zone.name} does not exist any more.`);
      if (before.has(id)) throw new OmError('CONFLICT', `${host.name} is named twice among the jump hosts.`);
      const missing = hopsBefore(id, home.jumpHostIds).find((hop) => !before.has(hop));
      if (missing) {
        const gate = jumpHosts.get(missing)?.name ?? missing;
        throw new OmError(
          'CONFLICT',
          `Zone ${zone.name} cannot jump through ${host.name}: ${host.name} is in zone ${home.name}, which is reached through ${gate}. Name ${gate} before it, or move ${host.name} into a zone that is reached directly.`,
        );
      }
      before.add(id);
    }
  }
}
