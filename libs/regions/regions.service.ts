import { Inject, Injectable } from '@nestjs/common';
import { invalidRequest } from '#http';
import { type Place, type Region, regionOf } from './region.js';
import { orderRegions } from './region-order.js';
import type { RegionsAnswer, RegionsQuery } from './region.dto.js';
import { RegionState } from './region-state.js';
import { regionsConfig, type RegionsConfig } from './regions.config.js';

/** The regions of the settings, with what the probes of this process have shown. */
@Injectable()
export class RegionsService {
  readonly regions: readonly Region[];
  private readonly states: ReadonlyMap<string, RegionState>;

  constructor(@Inject(regionsConfig.token) private readonly config: RegionsConfig) {
    this.regions = config.regions.map((text) => regionOf(text)!);
    this.states = new Map(this.regions.map(({ name }) => [name, new RegionState()]));
  }

  stateOf(name: string): RegionState {
    return this.states.get(name)!;
  }

  /** Healthy regions first, and the nearest of them first. @throws DomainError REQUEST_INVALID naming `near` */
  list({ lat, lon, near }: RegionsQuery): RegionsAnswer {
    const from = lat !== undefined && lon !== undefined ? { latitude: lat, longitude: lon } : this.placeOf(near);
    const seen = this.regions.map((region) => {
      const { health, latencyMs, checkedAt, failure } = this.stateOf(region.name);
      return { ...region, health, latencyMs, checkedAt, failure };
    });
    return {
      region: this.config.region ?? null,
      orderedBy: from === undefined ? 'latency' : 'distance',
      items: orderRegions(seen, from).map(({ name, url, health, latencyMs, distanceKm, checkedAt, failure }) => ({
        ...{ name, url, here: name === this.config.region, health, distanceKm, failure },
        latencyMs: latencyMs === null ? null : Math.round(latencyMs * 10) / 10,
        checkedAt: checkedAt?.toISOString() ?? null,
      })),
    };
  }

  private placeOf(name: string | undefined): Place | undefined {
    if (name === undefined) return undefined;
    const place = this.regions.find((region) => region.name === name)?.place;
    if (place) return place;
    const known = this.regions.filter((region) => region.place !== null).map((region) => region.name);
    throw invalidRequest([
      { field: 'near', seen: name, allowed: known.join(', ') || 'no region has a place: send lat and lon' },
    ]);
  }
}
