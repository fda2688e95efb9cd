import { makeCounterProvider, makeGaugeProvider, makeHistogramProvider } from '@willsoto/nestjs-prometheus';

export const deliveriesMetrics = [
  makeGaugeProvider({
    name: 'deliveries_pending',
    help: 'Deliveries that wait for their next attempt or are being sent',
  }),
  makeGaugeProvider({
    name: 'deliveries_oldest_pending_seconds',
    help: 'Waiting time of the oldest delivery that is due, of endpoints that are not held and whose circuit is closed',
  }),
  makeGaugeProvider({ name: 'deliveries_held', help: 'Deliveries kept for held endpoints' }),
  makeGaugeProvider({ name: 'deliveries_dead', help: 'Dead letters in the ledger' }),
  makeGaugeProvider({ name: 'deliveries_lanes_open', help: 'Endpoints whose circuit is not closed' }),
  makeCounterProvider({ name: 'deliveries_claimed_total', help: 'Deliveries that this process claimed' }),
  makeCounterProvider({
    name: 'deliveries_reclaimed_total',
    help: 'Deliveries taken over from workers whose lease had ended',
  }),
  makeCounterProvider({
    name: 'deliveries_lease_lost_total',
    help: 'Leases of this process that ended before their renewal: it was paused, or PostgreSQL did not answer',
  }),
  makeCounterProvider({
    name: 'deliveries_settled_total',
    help: 'Attempts recorded, by outcome: delivered, failed, gone',
    labelNames: ['outcome'],
  }),
  makeCounterProvider({
    name: 'deliveries_dead_total',
    help: 'Deliveries that became dead letters: all attempts used, or the endpoint answered 410',
  }),
  makeCounterProvider({
    name: 'deliveries_overflowed_total',
    help: 'Dead letters because the queue of a held endpoint was full',
  }),
  makeHistogramProvider({
    name: 'deliveries_duration_seconds',
    help: 'Time from the alert to the receipt, of deliveries that succeeded at the first attempt',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
  }),
  makeHistogramProvider({
    name: 'deliveries_record_duration_seconds',
    help: 'Time to record a batch of outcomes',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
  }),
];
