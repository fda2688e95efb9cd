import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { DeliveryChannel, type DeliveryOutcome, type OutgoingDelivery, type SettledAttempt } from '#deliveries';
import { Egress } from '#egress';
import { DomainError } from '#errors';
import { ChannelTimeouts, classifyError } from '#resilience';
import { Clock } from '#time';
import { WebhookTargets } from './endpoints/webhook-targets.js';
import { WebhookHealth } from './health/webhook-health.service.js';
import { WebhookDeadLetters } from './webhook-dead-letters.js';
import { outcomeOf, sentBody, webhookHeaders } from './webhook-exchange.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { ATTEMPT_DURATION, ATTEMPTS } from './webhooks.metrics.js';

/** The name of the channel in the settings of lanes. */
export const WEBHOOK_CHANNEL = 'webhook';
const STORED_BYTES = 16_384;

/**
 * A signed POST through `#egress`: one timeout for the whole exchange, which adapts to the endpoint, 16 KiB of the answer kept, not decompressed, redirects not
 * followed. Each attempt has a new signature, because receivers refuse timestamps older than 5 minutes. The message id stays.
 */
@Injectable()
export class WebhookChannel extends DeliveryChannel implements OnModuleInit {
  readonly name = WEBHOOK_CHANNEL;

  constructor(
    private readonly targets: WebhookTargets,
    private readonly health: WebhookHealth,
    private readonly deadLetters: WebhookDeadLetters,
    private readonly egress: Egress,
    private readonly timeouts: ChannelTimeouts,
    private readonly clock: Clock,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
    @InjectMetric(ATTEMPTS) private readonly attempts: Counter<'outcome'>,
    @InjectMetric(ATTEMPT_DURATION) private readonly duration: Histogram,
  ) {
    super();
  }

  onModuleInit(): void {
    // Starts at zero. A rate over a series that appears with the first failure does not count that failure.
    for (const outcome of ['delivered', 'failed', 'gone']) this.attempts.inc({ outcome }, 0);
  }

  async send(delivery: OutgoingDelivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const began = performance.now();
    try {
      const outcome = await this.attempt(delivery, signal);
      this.count(outcome.kind, outcome.latencyMs);
      return outcome;
    } catch (error) {
      // The sender records it as failed, too: its own time limit, equal to this channel's, often ends first. A stop is no failure.
      if (!signal.aborted || isTimeout(signal.reason)) this.count('failed', performance.now() - began);
      throw error;
    }
  }

  override async settled(attempts: readonly SettledAttempt[]): Promise<void> {
    await this.health.record(attempts);
    await this.deadLetters.record(attempts.filter(({ status }) => status === 'dead'));
  }

  private count(outcome: DeliveryOutcome['kind'], latencyMs: number): void {
    this.attempts.inc({ outcome });
    this.duration.observe(latencyMs / 1_000);
  }

  private async attempt(delivery: OutgoingDelivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const began = performance.now();
    const latency = () => performance.now() - began;
    const { timeoutMs, minTimeoutMs } = this.config;
    const limits = { timeoutMs, maxTimeoutMs: timeoutMs, minTimeoutMs: Math.min(minTimeoutMs, timeoutMs) };
    const timeout = this.timeouts.of(WEBHOOK_CHANNEL, delivery.endpointId, limits);
    const limitMs = timeout.ms;
    try {
      const target = await this.targets.find(delivery.endpointId);
      if (target === undefined)
        return { kind: 'failed', errorClass: 'client', error: 'The webhook was removed.', latencyMs: 0 };
      const now = this.clock.now();
      const body = sentBody(delivery, target);
      const answer = await this.egress.request({
        url: target.url,
        method: 'POST',
        headers: webhookHeaders({ ...delivery, body }, target, now),
        body,
        timeoutMs: limitMs,
        maxResponseBytes: STORED_BYTES,
        onOverflow: 'truncate',
        decompress: false,
        maxRedirects: 0,
        signal,
      });
      const outcome = outcomeOf(answer, target.format, now, latency());
      if (outcome.kind === 'delivered') timeout.succeeded(outcome.latencyMs);
      return outcome;
    } catch (error) {
      if (!signal.aborted && classifyError(error) === 'timeout') timeout.timedOut(limitMs);
      // A DomainError names at most the host. The owner of an endpoint must not see the message of any other error.
      if (signal.aborted || !(error instanceof DomainError)) throw error;
      return { kind: 'failed', errorClass: classifyError(error), error: error.message, latencyMs: latency() };
    }
  }
}

const isTimeout = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';
