import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import {
  DeliveryChannel,
  DeliveryChannels,
  type DeliveryOutcome,
  type OutgoingDelivery,
  type SettledAttempt,
} from '#deliveries';
import { Egress, retryAfterMs } from '#egress';
import { DomainError } from '#errors';
import { classifyError, classifyStatus } from '#resilience';
import { Clock } from '#time';
import { contentTypeOf } from './endpoints/test-message.js';
import { WebhookHealth } from './health/webhook-health.service.js';
import { signatureHeaders } from './webhook-signature.js';
import { WebhookTargets } from './endpoints/webhook-targets.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { ATTEMPTS, DURATION } from './webhooks.metrics.js';

/** The lanes of webhooks name it. */
export const WEBHOOK_CHANNEL = 'webhook';
const STORED_BYTES = 16_384;
const USER_AGENT = 'Deskwire-Webhooks/1.0';

/**
 * A signed POST through the guarded door: one wall clock, 16 KiB of the answer, never decompressed, no redirect followed. Each
 * attempt is signed anew, since receivers refuse a timestamp older than 5 minutes; its id stays.
 */
@Injectable()
export class WebhookChannel extends DeliveryChannel implements OnModuleInit {
  readonly name = WEBHOOK_CHANNEL;

  constructor(
    private readonly channels: DeliveryChannels,
    private readonly targets: WebhookTargets,
    private readonly health: WebhookHealth,
    private readonly egress: Egress,
    private readonly clock: Clock,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
    @InjectMetric(ATTEMPTS) private readonly attempts: Counter<'outcome'>,
    @InjectMetric(DURATION) private readonly duration: Histogram,
  ) {
    super();
  }

  onModuleInit(): void {
    this.channels.add(this);
    // There from the start: a rate over a series that appears with the first failure does not see that failure.
    for (const outcome of ['delivered', 'failed', 'gone']) this.attempts.inc({ outcome }, 0);
  }

  async send(delivery: OutgoingDelivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const outcome = await this.attempt(delivery, signal);
    this.attempts.inc({ outcome: outcome.kind });
    this.duration.observe(outcome.latencyMs / 1_000);
    return outcome;
  }

  override settled(attempts: readonly SettledAttempt[]): Promise<void> {
    return this.health.record(attempts);
  }

  private async attempt(
    { endpointId, messageId, body, correlationId }: OutgoingDelivery,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    const began = performance.now();
    const latency = () => performance.now() - began;
    try {
      const target = await this.targets.find(endpointId);
      if (target === undefined)
        return { kind: 'failed', errorClass: 'client', error: 'The webhook was removed.', latencyMs: 0 };
      const now = this.clock.now();
      const answer = await this.egress.request({
        url: target.url,
        method: 'POST',
        headers: {
          'content-type': contentTypeOf(target.format),
          'user-agent': USER_AGENT,
          ...signatureHeaders(target.signers, messageId, now, body),
          ...(correlationId === null ? {} : { 'x-correlation-id': correlationId }),
        },
        body,
        timeoutMs: this.config.timeoutMs,
        maxResponseBytes: STORED_BYTES,
        onOverflow: 'truncate',
        decompress: false,
        maxRedirects: 0,
        signal,
      });
      return outcomeOf(answer.status, answer.headers['retry-after'], answer.body, now, latency());
    } catch (error) {
      // A DomainError names the host at most; what any other says is not for the owner of an endpoint to read.
      if (signal.aborted || !(error instanceof DomainError)) throw error;
      return { kind: 'failed', errorClass: classifyError(error), error: error.message, latencyMs: latency() };
    }
  }
}

function outcomeOf(
  status: number,
  retryAfter: string | undefined,
  body: Buffer,
  now: Date,
  latencyMs: number,
): DeliveryOutcome {
  const answered = { statusCode: status, latencyMs, responseBody: body.toString('utf8') };
  if (status >= 200 && status < 300) return { kind: 'delivered', ...answered };
  const wait = retryAfterMs(retryAfter, now);
  const failed = {
    ...answered,
    errorClass: classifyStatus(status),
    error: `HTTP ${status}`,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
  return { kind: status === 410 ? 'gone' : 'failed', ...failed };
}
