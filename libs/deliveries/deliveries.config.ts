import { configSlice, duration, env, integer, type SliceValue } from '#config';

export const deliveriesConfig = configSlice(
  'deliveries',
  {
    concurrency: env(
      'DELIVERIES_MAX_CONCURRENT',
      integer(128, 1, 1_000),
      'Maximum concurrent sends per process. A send that lasts over 1 s no longer counts',
      { formerly: 'DELIVERIES_CONCURRENCY' },
    ),
    retentionMs: env(
      'DELIVERIES_RETENTION',
      duration('30d', '1d', '3650d'),
      'How long delivered and cancelled deliveries are kept. Dead letters are kept three times as long',
      { formerly: 'DELIVERIES_RETENTION_DAYS' },
    ),
  },
  {
    /** Maximum number of deliveries held for one disabled endpoint. Later ones become dead letters. */
    heldMax: 10_000,
    /** Poll interval for deliveries when no NOTIFY arrives, in ms. */
    pollMs: 500,
    /** Lease of a worker on the deliveries it sends, in ms. A live worker renews it; after a kill another worker takes over. */
    leaseMs: 20_000,
    /**
     * Maximum wait of a shutdown for sends in flight before they are released, in ms. Must be below SHUTDOWN_TIMEOUT.
     */
    drainMs: 2_000,
  },
);

export type DeliveriesConfig = SliceValue<typeof deliveriesConfig>;
