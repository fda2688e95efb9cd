import { declareMetrics } from '#metrics';

export const deliveriesMetrics = declareMetrics('deliveries', {
  deliveries_pending: { type: 'gauge', help: 'Deliveries that wait for their next attempt or are being sent' },
  deliveries_oldest_pending_seconds: {
    type: 'gauge',
    help: 'Waiting time of the oldest delivery that is due, of endpoints that are not held and whose circuit is closed',
  },
  deliveries_held: { type: 'gauge', help: 'Deliveries kept for held endpoints' },
  deliveries_dead: { type: 'gauge', help: 'Dead letters in the ledger' },
  deliveries_lanes_open: { type: 'gauge', help: 'Endpoints whose circuit is not closed' },
  deliveries_claimed_total: { type: 'counter', help: 'Deliveries that this process claimed' },
  deliveries_reclaimed_total: { type: 'counter', help: 'Deliveries taken over from workers whose lease had ended' },
  deliveries_lease_lost_total: {
    type: 'counter',
    help: 'Leases of this process that ended before their renewal: it was paused, or PostgreSQL did not answer',
  },
  deliveries_settled_total: {
    type: 'counter',
    help: 'Attempts recorded, by outcome: delivered, failed, gone',
    labels: { outcome: ['delivered', 'failed', 'gone'] },
  },
  deliveries_dead_total: {
    type: 'counter',
    help: 'Deliveries that became dead letters: all attempts used, or the endpoint answered 410',
  },
  deliveries_overflowed_total: { type: 'counter', help: 'Dead letters because the queue of a held endpoint was full' },
  deliveries_duration_seconds: {
    type: 'histogram',
    help: 'Time from the alert to the receipt, of deliveries that succeeded at the first attempt',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
  },
  deliveries_record_duration_seconds: {
    type: 'histogram',
    help: 'Time to record a batch of outcomes',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
  },
});
