import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import {
  CONFLICT_COUNT,
  ERROR_COUNT,
  LAG_BYTES,
  LAG_SECONDS,
  SECONDARY_UP,
  SLOT_ACTIVE,
  SLOT_RETAINED,
  SUBSCRIPTION_ENABLED,
} from '../replication.metrics.js';
import type { ReplicationView } from './replication-reading.js';
import { CONFLICTS, type SubscriptionView } from './subscriptions.repository.js';

/** Sets the metrics from a reading. A series exists only while its slot or its secondary does. */
@Injectable()
export class ReplicationGauges {
  /** The last value of each of PostgreSQL's counters. */
  private readonly counted = new Map<string, number>();

  constructor(
    @InjectMetric(LAG_BYTES) private readonly lagBytes: Gauge<'slot'>,
    @InjectMetric(LAG_SECONDS) private readonly lagSeconds: Gauge<'slot'>,
    @InjectMetric(SLOT_ACTIVE) private readonly active: Gauge<'slot'>,
    @InjectMetric(SLOT_RETAINED) private readonly retained: Gauge<'slot'>,
    @InjectMetric(SECONDARY_UP) private readonly up: Gauge,
    @InjectMetric(SUBSCRIPTION_ENABLED) private readonly enabled: Gauge,
    @InjectMetric(CONFLICT_COUNT) private readonly conflicts: Counter<'kind'>,
    @InjectMetric(ERROR_COUNT) private readonly errors: Counter<'phase'>,
  ) {
    // Gauges without labels exist with 0 from the beginning, which would say that a secondary is down.
    up.remove();
    enabled.remove();
  }

  set({ slots, secondary }: ReplicationView): void {
    for (const gauge of [this.lagBytes, this.lagSeconds, this.active, this.retained]) gauge.reset();
    for (const { slot, active, lagBytes, lagSeconds, retainedBytes } of slots) {
      this.active.set({ slot }, Number(active));
      this.lagSeconds.set({ slot }, lagSeconds);
      if (lagBytes !== null) this.lagBytes.set({ slot }, lagBytes);
      if (retainedBytes !== null) this.retained.set({ slot }, retainedBytes);
    }
    if (secondary === null) return;
    this.up.set(Number(secondary.reachable));
    if (secondary.subscription === null) return;
    this.enabled.set(Number(secondary.subscription.enabled));
    this.count(secondary.subscription);
  }

  private count({ conflicts, applyErrors, copyErrors }: SubscriptionView): void {
    for (const kind of CONFLICTS) this.conflicts.inc({ kind }, this.growth(kind, conflicts[kind]));
    this.errors.inc({ phase: 'apply' }, this.growth('apply', applyErrors));
    this.errors.inc({ phase: 'copy' }, this.growth('copy', copyErrors));
  }

  /** How far PostgreSQL's counter has risen since the last reading. It begins again at 0 when statistics are reset. */
  private growth(name: string, now: number): number {
    const before = this.counted.get(name) ?? 0;
    this.counted.set(name, now);
    return now >= before ? now - before : now;
  }
}
