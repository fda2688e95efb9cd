import { declareMetrics } from '#metrics';

export const UP = 'region_up';
export const LATENCY = 'region_latency_seconds';
export const PROBES = 'region_probes_total';
export const ROUTER_UP = 'region_router_up';
export const ROUTER_PROBES = 'region_router_probes_total';

const REGION = 'the regions of REGIONS, at most 32';
const OUTCOMES = ['ok', 'timeout', 'unreachable', 'status', 'invalid'];

/** No series without REGIONS and REGION_ROUTER_URL. */
export const regionsMetrics = declareMetrics('regions', {
  [UP]: {
    type: 'gauge',
    help: '0 if the last two probes of a region failed, from this process',
    labels: { region: REGION },
  },
  [LATENCY]: {
    type: 'gauge',
    help: 'Median latency of the last five probes of a region that is up, from this process',
    labels: { region: REGION },
  },
  [PROBES]: { type: 'counter', help: 'Probes of a region by outcome', labels: { region: REGION, outcome: OUTCOMES } },
  [ROUTER_UP]: {
    type: 'gauge',
    help: '0 if the last two probes of GET /v1/regions through REGION_ROUTER_URL failed. region: that of this process',
    labels: { region: REGION },
  },
  [ROUTER_PROBES]: {
    type: 'counter',
    help: 'Probes through REGION_ROUTER_URL by outcome',
    labels: { outcome: OUTCOMES },
  },
});
