import { declareMetrics } from '#metrics';

export const LAG_BYTES = 'replication_lag_bytes';
export const LAG_SECONDS = 'replication_lag_seconds';
export const SLOT_ACTIVE = 'replication_slot_active';
export const SLOT_RETAINED = 'replication_slot_retained_wal_bytes';
export const SECONDARY_UP = 'replication_secondary_up';
export const SUBSCRIPTION_ENABLED = 'replication_subscription_enabled';
export const CONFLICT_COUNT = 'replication_conflicts_total';
export const ERROR_COUNT = 'replication_errors_total';

export const replicationMetrics = declareMetrics('replication', {
  [LAG_BYTES]: {
    type: 'gauge',
    help: 'Write-ahead log that the subscriber of a slot has not confirmed, in bytes',
    labels: { slot: 'the slots of the publication' },
  },
  [LAG_SECONDS]: {
    type: 'gauge',
    help: 'Age of the oldest heartbeat that the subscriber of a slot has not confirmed, in seconds',
    labels: { slot: 'the slots of the publication' },
  },
  [SLOT_ACTIVE]: {
    type: 'gauge',
    help: '1 while the subscriber of a slot is connected',
    labels: { slot: 'the slots of the publication' },
  },
  [SLOT_RETAINED]: {
    type: 'gauge',
    help: 'Write-ahead log that a slot keeps on the primary, in bytes',
    labels: { slot: 'the slots of the publication' },
  },
  [SECONDARY_UP]: { type: 'gauge', help: '1 if the secondary at REPLICATION_SECONDARY_URL answered last time' },
  [SUBSCRIPTION_ENABLED]: { type: 'gauge', help: '1 while the subscription of the secondary is enabled' },
  [CONFLICT_COUNT]: {
    type: 'counter',
    help: 'Conflicts on the secondary, as PostgreSQL counts them',
    labels: { kind: 'the conflicts that PostgreSQL counts' },
  },
  [ERROR_COUNT]: {
    type: 'counter',
    help: 'Failures of the secondary to apply a change, or to copy a table at the beginning',
    labels: { phase: ['apply', 'copy'] },
  },
});
