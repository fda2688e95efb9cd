import { makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';

export const EXCHANGES = 'egress_exchanges_total';
export const POOLS = 'egress_pools';

export const egressMetrics = [
  makeCounterProvider({
    name: EXCHANGES,
    help: 'Exchanges with other hosts by outcome: answered, refused_by_policy, or the class of the failure',
    labelNames: ['outcome'],
  }),
  makeGaugeProvider({ name: POOLS, help: 'Hosts with connections kept alive' }),
];
