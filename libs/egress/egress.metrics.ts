import { declareMetrics } from '#metrics';

export const EXCHANGES = 'egress_exchanges_total';
export const POOLS = 'egress_pools';

export const egressMetrics = declareMetrics('egress', {
  [EXCHANGES]: {
    type: 'counter',
    help: 'Exchanges with other hosts by outcome: answered, refused_by_policy, or the class of the failure',
    labels: {
      outcome: ['answered', 'refused_by_policy', 'timeout', 'refused', 'rate-limited', 'client', 'server', 'unknown'],
    },
  },
  [POOLS]: { type: 'gauge', help: 'Hosts with connections kept alive' },
});
