import { Inject, Injectable } from '@nestjs/common';
import { DeliveryLanes, type SettledAttempt } from '#deliveries';
import { Clock } from '#time';
import {
  type EndpointHealth,
  healthAfter,
  type HealthAttempt,
  type HealthOptions,
  type HealthWindow,
} from '../endpoints/endpoint-health.js';
import { EndpointEvents } from '../endpoints/endpoint-events.js';
import type { WebhookEndpoint } from '../endpoints/webhook-endpoint.js';
import { type EndpointMoved, WebhookDegraded, WebhookDisabled, WebhookRecovered } from '../webhook-events.js';
import { type HealthMinute, WebhookHealthRepository } from './webhook-health.repository.js';
import { webhooksConfig, type WebhooksConfig } from '../webhooks.config.js';

const EVENT_OF = {
  healthy: WebhookRecovered.type,
  degraded: WebhookDegraded.type,
  disabled: WebhookDisabled.type,
} as const;

/** Applies attempts to endpoints: counts per minute, state, and the resulting events and holds. */
@Injectable()
export class WebhookHealth {
  constructor(
    private readonly repository: WebhookHealthRepository,
    private readonly lanes: DeliveryLanes,
    private readonly events: EndpointEvents,
    private readonly clock: Clock,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  /** Called in the transaction that records the attempts. */
  async record(attempts: readonly SettledAttempt[]): Promise<void> {
    const now = this.clock.now();
    await this.repository.count(minutesOf(attempts));
    const byEndpoint = Map.groupBy(attempts, ({ endpointId }) => endpointId);
    const failed = [...byEndpoint]
      .filter(([, of]) => of.some(({ outcome }) => outcome.kind !== 'delivered'))
      .map(([id]) => id);
    const since = new Date(now.getTime() - this.options().windowMs);
    for (const endpoint of await this.repository.doubtful([...byEndpoint.keys()], failed, since)) {
      await this.judge(endpoint, byEndpoint.get(endpoint.id)!.map(healthAttempt), now);
    }
  }

  /** Enables a locked endpoint manually and sends its held deliveries in order. @returns whether it was not healthy */
  async enable(endpoint: WebhookEndpoint): Promise<boolean> {
    if (endpoint.state === 'healthy') return false;
    await this.move(
      endpoint,
      { state: 'healthy', reason: null, failingSince: null },
      'enabled',
      undefined,
      this.clock.now(),
    );
    return true;
  }

  /** Pauses a locked endpoint manually. Later deliveries are held. */
  async pause(endpoint: WebhookEndpoint): Promise<void> {
    if (endpoint.state === 'disabled' && endpoint.stateReason === 'paused') return;
    await this.move(
      endpoint,
      { state: 'disabled', reason: 'paused', failingSince: endpoint.failingSince },
      'paused',
      undefined,
      this.clock.now(),
    );
  }

  private async judge(
    endpoint: WebhookEndpoint & HealthWindow,
    attempts: readonly HealthAttempt[],
    now: Date,
  ): Promise<void> {
    const before: EndpointHealth = {
      state: endpoint.state,
      reason: endpoint.stateReason,
      failingSince: endpoint.failingSince,
    };
    const after = healthAfter(before, attempts, endpoint, this.options(), now);
    if (after.state === before.state && after.reason === before.reason) {
      if (after.failingSince?.getTime() !== before.failingSince?.getTime())
        await this.repository.save(endpoint.id, after, endpoint.probeAt);
      return;
    }
    const reason = after.reason ?? (before.state === 'disabled' ? 'probe' : 'succeeding');
    await this.move(endpoint, after, reason, endpoint, now);
  }

  private async move(
    endpoint: WebhookEndpoint,
    after: EndpointHealth,
    reason: EndpointMoved['reason'],
    window: HealthWindow | undefined,
    now: Date,
  ): Promise<void> {
    const probed = after.state === 'disabled' && after.reason === 'failing';
    await this.repository.save(
      endpoint.id,
      after,
      probed ? new Date(now.getTime() + this.config.probeSeconds * 1_000) : null,
    );
    if (after.state === 'disabled') await this.lanes.hold(endpoint.id, reason);
    else if (endpoint.state === 'disabled') await this.lanes.release(endpoint.id);
    await this.events.record({
      endpoint,
      type: EVENT_OF[after.state],
      payload: {
        from: endpoint.state,
        to: after.state,
        reason,
        failingSince: after.failingSince?.toISOString() ?? null,
        since: now.toISOString(),
        sent: window?.sent ?? null,
        failed: window?.failed ?? null,
      } satisfies Omit<EndpointMoved, 'endpointId' | 'host'>,
    });
  }

  private options(): HealthOptions {
    const { minimumAttempts, degradedPercent, windowMinutes, disableAfterHours } = this.config;
    return {
      minimumAttempts,
      degradedPercent,
      windowMs: windowMinutes * 60_000,
      disableAfterMs: disableAfterHours * 3_600_000,
    };
  }
}

function healthAttempt({ at, outcome }: SettledAttempt): HealthAttempt {
  return { at, kind: outcome.kind };
}

function minutesOf(attempts: readonly SettledAttempt[]): HealthMinute[] {
  const minutes = new Map<string, HealthMinute>();
  for (const { endpointId, at, outcome } of attempts) {
    const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000);
    const key = `${endpointId} ${minute.getTime()}`;
    const one = minutes.get(key) ?? { endpointId, minute, sent: 0, failed: 0, latencyMsSum: 0, latencyMsMax: 0 };
    one.sent += 1;
    one.failed += outcome.kind === 'delivered' ? 0 : 1;
    one.latencyMsSum += outcome.latencyMs;
    one.latencyMsMax = Math.max(one.latencyMsMax, outcome.latencyMs);
    minutes.set(key, one);
  }
  return [...minutes.values()];
}
