import { Inject, Injectable } from '@nestjs/common';
import { Background } from '#background';
import { Atomic } from '#database';
import { DeliveryLanes } from '#deliveries';
import { Clock } from '#time';
import { EndpointEvents } from './endpoints/endpoint-events.js';
import { WebhookHealthRepository } from './health/webhook-health.repository.js';
import { WebhookProbed } from './webhook-events.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';

/** Probes endpoints that are disabled because they failed. */
@Injectable()
export class WebhookProbes {
  constructor(
    private readonly health: WebhookHealthRepository,
    private readonly lanes: DeliveryLanes,
    private readonly events: EndpointEvents,
    private readonly clock: Clock,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  /** Sends one held delivery to each disabled endpoint whose probe is due. Its outcome decides about the endpoint. One process probes an endpoint at a time. */
  @Background({
    name: 'webhooks-probes',
    every: (probes: WebhookProbes) => probes.config.upkeepMs,
    role: 'worker',
    whenReadOnly: 'pause',
  })
  @Atomic()
  async probeDue(): Promise<void> {
    const next = new Date(this.clock.now().getTime() + this.config.probeSeconds * 1_000);
    const due = await this.health.takeDueProbes(next);
    for (const endpoint of due) await this.lanes.probe(endpoint.id);
    await this.events.record(
      ...due.map((endpoint) => ({
        endpoint,
        type: WebhookProbed.type,
        payload: { disabledSince: endpoint.stateSince.toISOString() },
      })),
    );
  }
}
