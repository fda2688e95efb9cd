import { configSlice, env, list, type SliceValue, text } from '#config';
import { isWebUrl, regionOf } from './region.js';

const SHAPE = 'name=url@latitude/longitude, the name of letters, digits and hyphens, the place optional';

export const regionsConfig = configSlice(
  'regions',
  {
    region: env('REGION', text(), 'Name of the region of this process, one of REGIONS'),
    regions: env(
      'REGIONS',
      list(),
      'Regions of the desk, comma-separated: name=url@latitude/longitude, such as eu=https://eu.desk.example@50.11/8.68',
    ),
    routerUrl: env(
      'REGION_ROUTER_URL',
      text(),
      'URL of the router that sends clients to a region. GET /v1/regions is probed through it. Unset: no probe',
    ),
  },
  {
    /** Maximum number of regions. Each process probes each of them. */
    regionsMax: 32,
    /** Time between two probes of a region, in ms. */
    probeEveryMs: 10_000,
    /** Maximum duration of a probe, in ms. */
    probeTimeoutMs: 3_000,
    /** Maximum size of the router's answer, in bytes. */
    routerAnswerMaxBytes: 262_144,
  },
  ({ region, regions, routerUrl, regionsMax }) => {
    const names = regions.map((one) => regionOf(one)?.name);
    const problem = (key: string, seen: string, expected: string) => ({ key, seen, expected });
    const unread = regions.filter((_, index) => names[index] === undefined);
    const twice = names.filter((name, index) => name !== undefined && names.indexOf(name) < index) as string[];
    return [
      ...unread.map((one) => problem('REGIONS', one.slice(0, 60), SHAPE)),
      ...twice.map((name) => problem('REGIONS', `${name} twice`, 'each name once')),
      ...(regions.length > regionsMax
        ? [problem('REGIONS', `${regions.length} regions`, `at most ${regionsMax}`)]
        : []),
      ...(region === undefined && regions.length > 0 ? [problem('REGION', 'nothing', 'a name of REGIONS')] : []),
      ...(region !== undefined && !names.includes(region) ? [problem('REGION', region, 'a name of REGIONS')] : []),
      ...(routerUrl !== undefined && !isWebUrl(routerUrl)
        ? [problem('REGION_ROUTER_URL', routerUrl.slice(0, 60), 'an http or https URL without user and query')]
        : []),
    ];
  },
);

export type RegionsConfig = SliceValue<typeof regionsConfig>;
