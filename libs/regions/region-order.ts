import { distanceKm, type Place, type Region } from './region.js';
import type { RegionHealth } from './region-state.js';

/** A region as this process sees it. */
export interface SeenRegion extends Region {
  health: RegionHealth;
  latencyMs: number | null;
}

const RANK: Record<RegionHealth, number> = { up: 0, unknown: 1, down: 2 };

/**
 * Orders the regions: healthy ones first, and among them the nearest. Near is a distance if the client says where it is,
 * and otherwise the latency from this process, which a router has chosen as near to the client.
 */
export function orderRegions<R extends SeenRegion>(
  regions: readonly R[],
  from?: Place,
): (R & { distanceKm: number | null })[] {
  const located = regions.map((region) => ({
    ...region,
    distanceKm: from === undefined || region.place === null ? null : Math.round(distanceKm(from, region.place)),
  }));
  return located.sort(
    (a, b) =>
      RANK[a.health] - RANK[b.health] ||
      knownFirst(a.distanceKm, b.distanceKm) ||
      knownFirst(a.latencyMs, b.latencyMs) ||
      (a.name < b.name ? -1 : 1),
  );
}

function knownFirst(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a - b;
}
