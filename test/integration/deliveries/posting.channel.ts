import { Pool } from 'undici';
import { DeliveryChannel, type DeliveryOutcome, type OutgoingDelivery, type SettledAttempt } from '#deliveries';

/** A minimal channel: a plain POST to `{receiver}/{endpoint}`. */
export class PostingChannel extends DeliveryChannel {
  readonly name = 'posting';
  readonly settlements: SettledAttempt[] = [];
  onSettled: ((attempts: readonly SettledAttempt[]) => Promise<void>) | undefined;
  private readonly pool: Pool;

  constructor(url: string) {
    super();
    this.pool = new Pool(url, { connections: 256 });
  }

  async send(delivery: OutgoingDelivery, signal: AbortSignal): Promise<DeliveryOutcome> {
    const began = performance.now();
    const { statusCode, headers, body } = await this.pool.request({
      method: 'POST',
      path: `/${delivery.endpointId}`,
      headers: { 'content-type': 'application/json', 'webhook-id': delivery.messageId },
      body: delivery.body,
      signal,
    });
    const responseBody = await body.text();
    const retryAfter = headers['retry-after'];
    return {
      kind: statusCode === 410 ? 'gone' : statusCode >= 200 && statusCode < 300 ? 'delivered' : 'failed',
      statusCode,
      latencyMs: performance.now() - began,
      responseBody,
      ...(typeof retryAfter === 'string' ? { retryAfterMs: Number(retryAfter) * 1_000 } : {}),
    };
  }

  override async settled(attempts: readonly SettledAttempt[]): Promise<void> {
    this.settlements.push(...attempts);
    await this.onSettled?.(attempts);
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}
