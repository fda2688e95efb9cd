import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { LRUCache } from 'lru-cache';
import type { Gauge } from 'prom-client';
import { AdaptiveTimeout, type TimeoutLimits, type TimeoutView } from './adaptive-timeout.js';
import { resilienceConfig, type ResilienceConfig } from './resilience.config.js';
import { CHANNEL_TARGETS } from './resilience.metrics.js';

/** Targets whose calls are measured. The least recently used is forgotten and starts at its first timeout again. */
const MAX_TARGETS = 2_000;

interface Target {
  channel: string;
  timeout: AdaptiveTimeout;
}

/**
 * Adaptive timeouts of the targets of a channel, such as the endpoints of webhooks. Their circuits belong to the channel, and
 * users create them, so they are no policies: a metric counts them per channel, without a label for each.
 */
@Injectable()
export class ChannelTimeouts {
  private readonly targets = new LRUCache<string, Target>({ max: MAX_TARGETS });

  constructor(
    @Inject(resilienceConfig.token) private readonly config: ResilienceConfig,
    @InjectMetric(CHANNEL_TARGETS) gauge: Gauge<'channel' | 'timeout'>,
  ) {
    Object.assign(gauge, { collect: () => this.#count(gauge) });
  }

  /** The timeout of a target. The first call decides its limits. */
  of(channel: string, target: string, limits: TimeoutLimits): AdaptiveTimeout {
    const name = `${channel}:${target}`;
    const known = this.targets.get(name);
    if (known !== undefined) return known.timeout;
    const timeout = new AdaptiveTimeout(limits, this.config.windowMs);
    this.targets.set(name, { channel, timeout });
    return timeout;
  }

  /** By name, `<channel>:<target>`. */
  list(): ({ name: string } & TimeoutView)[] {
    const views = [...this.targets.entries()].map(([name, { timeout }]) => ({ name, ...timeout.view() }));
    return views.sort((a, b) => a.name.localeCompare(b.name));
  }

  #count(gauge: Gauge<'channel' | 'timeout'>): void {
    gauge.reset();
    for (const { channel, timeout } of this.targets.values()) {
      const { timeoutMs, maxTimeoutMs } = timeout.view();
      gauge.inc({ channel, timeout: timeoutMs < maxTimeoutMs ? 'shortened' : 'maximum' });
    }
  }
}
