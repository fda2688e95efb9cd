import { distanceKm, regionOf } from './region.js';
import { orderRegions, type SeenRegion } from './region-order.js';
import { RegionState } from './region-state.js';

const mumbai = { latitude: 19.08, longitude: 72.88 };
const frankfurt = { latitude: 50.11, longitude: 8.68 };
const virginia = { latitude: 39.04, longitude: -77.49 };

describe('a region', () => {
  it('is read from its name, its URL and its place', () => {
    expect(regionOf('ap-south=https://mumbai.desk.example/@19.08/72.88')).toEqual({
      ...{ name: 'ap-south', url: 'https://mumbai.desk.example', place: mumbai },
    });
    expect(regionOf('us=http://10.0.0.7:3000/desk@39.04/-77.49')).toEqual({
      ...{ name: 'us', url: 'http://10.0.0.7:3000/desk', place: virginia },
    });
    expect(regionOf('eu=https://eu.desk.example')).toEqual({ name: 'eu', url: 'https://eu.desk.example', place: null });
  });

  it.each([
    ['', 'eu', '=https://eu.example', 'EU=https://eu.example', 'eu=ftp://eu.example', 'eu=https://eu.example@95/10'],
    [
      'eu=https://eu.example@50.11',
      'eu=https://eu.example@50.11/181',
      'eu=https://u:p@eu.example',
      'eu=https://eu.example?a=1',
    ],
  ])(
    'no region is read from a text without a name, with another protocol, a password, or a place that is not on Earth',
    (...texts) => {
      for (const text of texts) expect([text, regionOf(text)]).toEqual([text, undefined]);
    },
  );

  it('distances are those of the great circle, also over the date line and between the poles', () => {
    expect(Math.round(distanceKm(frankfurt, mumbai))).toBeGreaterThan(6_500);
    expect(Math.round(distanceKm(frankfurt, mumbai))).toBeLessThan(6_650);
    expect(distanceKm(frankfurt, mumbai)).toBeCloseTo(distanceKm(mumbai, frankfurt), 6);
    expect(distanceKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 })).toBeCloseTo(111.2, 0);
    expect(distanceKm({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 120 })).toBeCloseTo(20_015, 0);
  });
});

describe('the order of regions', () => {
  const seen = (name: string, more: Partial<SeenRegion>): SeenRegion => ({
    ...{ name, url: `https://${name}.example`, place: null, health: 'up', latencyMs: 10 },
    ...more,
  });
  const names = (regions: readonly SeenRegion[]) => regions.map(({ name }) => name);

  it('healthy regions come first by latency, then those not probed yet, then those that are down', () => {
    const regions = [
      seen('down', { health: 'down', latencyMs: null }),
      seen('far', { latencyMs: 180 }),
      seen('new', { health: 'unknown', latencyMs: null }),
      seen('near', { latencyMs: 2 }),
    ];
    expect(names(orderRegions(regions))).toEqual(['near', 'far', 'new', 'down']);
  });

  it('a client that says where it is gets the nearest healthy region first, whatever its latency is from here', () => {
    const regions = [
      seen('frankfurt', { place: frankfurt, latencyMs: 1 }),
      seen('mumbai', { place: mumbai, latencyMs: 110 }),
      seen('nowhere', { latencyMs: 1 }),
      seen('virginia', { place: virginia, latencyMs: 90 }),
    ];
    const pune = { latitude: 18.52, longitude: 73.86 };
    expect(names(orderRegions(regions, pune))).toEqual(['mumbai', 'frankfurt', 'virginia', 'nowhere']);
    const sick = regions.map((region) => (region.name === 'mumbai' ? { ...region, health: 'down' as const } : region));
    expect(names(orderRegions(sick, pune))).toEqual(['frankfurt', 'virginia', 'nowhere', 'mumbai']);
  });

  it('regions that are equally near are in the order of their names', () => {
    expect(names(orderRegions([seen('b', {}), seen('a', {}), seen('c', {})]))).toEqual(['a', 'b', 'c']);
  });
});

describe('the state of a region', () => {
  const at = new Date(0);
  const ok = (latencyMs: number) => ({ outcome: 'ok' as const, latencyMs });
  const timeout = { outcome: 'timeout' as const, latencyMs: 3_000 };

  it('one failed probe changes no health, and the second in a row takes the region down', () => {
    const state = new RegionState();
    state.probed(ok(5), at);
    state.probed(timeout, at);
    expect([state.health, state.failure, state.latencyMs]).toEqual(['up', 'timeout', 5]);
    state.probed(ok(7), at);
    state.probed(timeout, at);
    state.probed(timeout, at);
    expect([state.health, state.failure, state.latencyMs]).toEqual(['down', 'timeout', null]);
    state.probed(ok(9), at);
    expect([state.health, state.failure, state.latencyMs]).toEqual(['up', null, 9]);
  });

  it('the latency is the median of the last five successful probes', () => {
    const state = new RegionState();
    for (const ms of [900, 10, 12, 11, 400]) state.probed(ok(ms), at);
    expect(state.latencyMs).toBe(12);
    for (const ms of [50, 51, 52]) state.probed(ok(ms), at);
    expect(state.latencyMs).toBe(51);
  });
});
