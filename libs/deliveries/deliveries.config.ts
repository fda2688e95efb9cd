import { configSlice, env, integer, type SliceValue } from '#config';

export const deliveriesConfig = configSlice('deliveries', {
  concurrency: env(
    'DELIVERIES_CONCURRENCY',
    integer(128, 1, 1_000),
    'Deliveries that one process sends at once; those that last over a second are not counted',
  ),
  pollMs: env(
    'DELIVERIES_POLL_MS',
    integer(500, 20, 60_000),
    'How often deliveries are looked for when no hint comes, ms',
  ),
  leaseMs: env(
    'DELIVERIES_LEASE_MS',
    integer(20_000, 1_000, 600_000),
    'Lease of a worker on the deliveries it sends, in ms. It is renewed while the worker lives; after a kill, another takes over',
  ),
  drainMs: env(
    'DELIVERIES_DRAIN_MS',
    integer(2_000, 0, 600_000),
    'How long a stop waits for sends in flight before it hands them back, ms; within SHUTDOWN_TIMEOUT_MS',
  ),
  heldMax: env(
    'DELIVERIES_HELD_MAX',
    integer(10_000, 0, 10_000_000),
    'Deliveries kept for one held endpoint; what comes beyond is a dead letter',
  ),
  retentionDays: env(
    'DELIVERIES_RETENTION_DAYS',
    integer(30, 1, 3_650),
    'Delivered and cancelled ones are removed after so many days; dead letters after three times as many',
  ),
});

export type DeliveriesConfig = SliceValue<typeof deliveriesConfig>;
